package judge_test

// systems in the styles of programs everybody runs. All of it is made up.
var systems = []system{
	{"syslog", "{syslog} {machine} ", `
sshd(pam_unix)[{pid}]: authentication failure; logname= uid=0 euid=0 tty=NODEVssh ruser= rhost={ip} 
sshd(pam_unix)[{pid}]: authentication failure; logname= uid=0 euid=0 tty=NODEVssh ruser= rhost={domain}  user={user}
su(pam_unix)[{pid}]: session opened for user {user} by (uid=0)
su(pam_unix)[{pid}]: session closed for user {user}
ftpd[{pid}]: connection from {ip} ({domain}) at {ctime}
kernel: Out of Memory: Killed process {pid} ({user}).
logrotate: ALERT exited abnormally with [{d}]
sshd(pam_unix)[{pid}]: check pass; user unknown
crond(pam_unix)[{pid}]: session opened for user {user} by LOGIN(uid=0)
CROND[{pid}]: ({user}) CMD (run-parts /etc/cron.hourly)
kernel: eth0: link up, {n}Mbps, full-duplex
xinetd[{pid}]: START: telnet pid={pid} from={ip}
xinetd[{pid}]: EXIT: telnet status={d} pid={pid} duration={n}(sec)
syslogd 1.4.1: restart.
named[{pid}]: client {ip}#{port}: query refused
snmpd[{pid}]: Received SNMP packet(s) from {ip}
kernel: usb 1-{d}: new device found, address {n}
`},
	{"sshd", "{iso} {machine} sshd {pid} - - ", `
Failed password for {user} from {ip} port {port} ssh2
Failed password for invalid user {user} from {ip} port {port} ssh2
Accepted publickey for {user} from {ip} port {port} ssh2: RSA SHA256:{sha}
Connection closed by {ip} port {port} [preauth]
Received disconnect from {ip} port {port}:11: disconnected by user
Disconnected from user {user} {ip} port {port}
pam_unix(sshd:session): session opened for user {user} by (uid=0)
pam_unix(sshd:session): session closed for user {user}
Invalid user {user} from {ip}
reverse mapping checking getaddrinfo for {domain} [{ip}] failed - POSSIBLE BREAK-IN ATTEMPT!
Did not receive identification string from {ip}
error: maximum authentication attempts exceeded for {user} from {ip} port {port} ssh2 [preauth]
`},
	{"nginx access", "", `
{ip} - - [{apache}] "GET {path} HTTP/1.1" {status} {n} "-" "{agent}"
{ip} - - [{apache}] "POST {path} HTTP/1.1" {status} {n} "-" "{agent}"
{ip} - - [{apache}] "DELETE {path} HTTP/1.1" {status} {n} "-" "{agent}"
{ip} - - [{apache}] "HEAD {path} HTTP/1.1" {status} {n} "-" "{agent}"
`},
	{"nginx error", "{slash} [{level}] {pid}#{pid}: *{n} ", `
error|connect() failed (111: Connection refused) while connecting to upstream, client: {ip}, server: {domain}, request: "GET {path} HTTP/1.1", upstream: "http://{ip}:{port}{path}", host: "{domain}"
error|upstream timed out (110: Connection timed out) while reading response header from upstream, client: {ip}, server: {domain}, request: "POST {path} HTTP/1.1", upstream: "http://{ip}:{port}{path}", host: "{domain}"
error|open() "{path}" failed (2: No such file or directory), client: {ip}, server: {domain}, request: "GET {path} HTTP/1.1", host: "{domain}"
warn|a client request body is buffered to a temporary file {path}, client: {ip}, server: {domain}, request: "POST {path} HTTP/1.1", host: "{domain}"
info|client {ip} closed keepalive connection
crit|SSL_do_handshake() failed (SSL: error:{sha}:SSL routines::bad key share) while SSL handshaking, client: {ip}, server: 0.0.0.0:443
error|limiting requests, excess: {f} by zone "{thing}", client: {ip}, server: {domain}, request: "GET {path} HTTP/1.1", host: "{domain}"
`},
	{"postgres", "{sql} UTC [{pid}] {user}@{thing} {level}:  ", `
LOG|duration: {f} ms  statement: {thing}
ERROR|relation "{thing}" does not exist at character {n}
ERROR|duplicate key value violates unique constraint "{thing}_pkey"
DETAIL|Key (id)=({n}) already exists.
LOG|connection received: host={ip} port={port}
LOG|connection authorized: user={user} database={thing}
LOG|checkpoint starting: time
LOG|checkpoint complete: wrote {n} buffers ({f}%); 0 WAL file(s) added, {d} removed, {d} recycled; write={f} s, sync={f} s, total={f} s
ERROR|deadlock detected
FATAL|password authentication failed for user "{user}"
LOG|automatic vacuum of table "{thing}.public.{thing}": index scans: {d}
FATAL|sorry, too many clients already
ERROR|canceling statement due to statement timeout
LOG|process {pid} still waiting for ShareLock on transaction {n} after {f} ms
`},
	{"klog", "{level}{klog}   {pid} ", `
I|reconciler.go:{n}] "Reconciler: start to sync state"
E|reflector.go:{n}] k8s.io/client-go/informers/factory.go:134: Failed to watch *v1.Pod: failed to list *v1.Pod: Get "https://{ip}:6443/api/v1/pods?limit=500": dial tcp {ip}:6443: connect: connection refused
I|kubelet.go:{n}] "SyncLoop ADD" source="api" pods=["{thing}/{machine}-{sha}"]
I|kubelet.go:{n}] "SyncLoop DELETE" source="api" pods=["{thing}/{machine}-{sha}"]
W|volume_linux.go:{n}] Setting volume ownership for {path} and fsGroup set. If the volume has a lot of files then setting volume ownership could be slow
E|pod_workers.go:{n}] "Error syncing pod, skipping" err="failed to start container {machine}" pod="{thing}/{machine}-{sha}" podUID="{uuid}"
I|scope.go:{n}] "RemoveContainer" containerID="{sha}"
I|prober.go:{n}] "Probe failed" probeType="Readiness" pod="{thing}/{machine}-{sha}" podUID="{uuid}" containerName="{machine}"
E|remote_runtime.go:{n}] "PullImage from image service failed" err="rpc error: code = NotFound" image="{domain}/{thing}:v{d}"
I|leaderelection.go:{n}] successfully acquired lease {thing}/{machine}
`},
	{"slog text", "time={iso} level={level} ", `
INFO|msg="request served" method=GET path={path} status={status} took={dur}
ERROR|msg="payment refused" order={n} err="card declined"
WARN|msg="queue is long" depth={n} queue={thing}
INFO|msg="user logged in" user={user} ip={ip}
INFO|msg="user logged out" user={user}
DEBUG|msg="cache miss" key={thing}:{n}
ERROR|msg="database is gone" host={machine} attempt={d}
INFO|msg=started version=1.2.{d} port={port}
INFO|msg=stopped
`},
	{"slog json", "", `
{"time":"{iso}","level":"INFO","msg":"request served","method":"GET","path":"{path}","status":{status},"took":{n}}
{"time":"{iso}","level":"ERROR","msg":"payment refused","order":{n},"err":"card declined"}
{"time":"{iso}","level":"ERROR","msg":"payment refused","order":{n},"err":"gateway timed out after {n}ms"}
{"time":"{iso}","level":"WARN","msg":"queue {thing} is long","depth":{n}}
{"time":"{iso}","level":"INFO","msg":"user logged in","user":"{user}","ip":"{ip}"}
{"time":"{iso}","level":"INFO","msg":"user {user} changed role to {user}","ip":"{ip}"}
{"time":"{iso}","level":"INFO","msg":"job done","job":"{thing}","result":{"ok":{bool},"rows":{n}}}
{"time":"{iso}","level":"ERROR","msg":"job failed","job":"{thing}","error":"exit status {d}"}
`},
	{"pino", "", `
{"level":30,"time":{epoch}123,"pid":{pid},"hostname":"{machine}","req":{"id":{n},"method":"GET","url":"{path}"},"msg":"request completed"}
{"level":50,"time":{epoch}123,"pid":{pid},"hostname":"{machine}","err":{"type":"Error","message":"connect ECONNREFUSED {ip}:{port}","stack":"Error: connect\n    at TCP"},"msg":"database unavailable"}
{"level":30,"time":{epoch}123,"pid":{pid},"hostname":"{machine}","msg":"listening on port {port}"}
{"level":40,"time":{epoch}123,"pid":{pid},"hostname":"{machine}","msg":"slow query: {n} ms"}
{"level":30,"time":{epoch}123,"pid":{pid},"hostname":"{machine}","msg":"worker {n} started"}
{"level":30,"time":{epoch}123,"pid":{pid},"hostname":"{machine}","msg":"worker {n} exited"}
`},
	{"python", "{py} - {class} - {level} - ", `
INFO|Processing order {n} for {user}
INFO|Order {n} shipped to {mail}
WARNING|Retrying {url} (attempt {d} of 5)
ERROR|Could not charge card for order {n}: insufficient funds
ERROR|Unhandled exception in worker {d}\nTraceback (most recent call last):\n  File "/app/shop/worker.py", line {n}, in run\n    self.step(job)\n  File "/app/shop/db.py", line {n}, in query\n    cursor.execute(sql)\nValueError: bad amount {n}
DEBUG|Cache hit for key {thing}:{n}
DEBUG|Cache miss for key {thing}:{n}
INFO|Loaded {n} {thing} in {f} seconds
CRITICAL|Database connection to {machine} lost
INFO|Scheduler woke up; {n} jobs waiting: [{list}]
`},
	{"spring", "{sql}  {level} {pid} --- [nio-8080-exec-{d}] {class}    : ", `
INFO|Payment {n} accepted for customer {user}
WARN|Slow query took {ms}: select * from {thing}
ERROR|Servlet.service() for servlet [dispatcherServlet] threw exception\njava.lang.IllegalStateException: Pool is closed\n\tat com.shop.db.Pool.get(Pool.java:12)\n\tat com.shop.cart.CartController.add(CartController.java:99)\n\tat java.base/java.lang.Thread.run(Thread.java:840)\nCaused by: java.io.IOException: Connection reset by peer\n\t... 12 more
INFO|Started ShopApplication in {f} seconds (process running for {f})
INFO|HikariPool-{d} - Start completed.
INFO|HikariPool-{d} - Shutdown initiated...
DEBUG|Order {uuid} changed from NEW to PAID
ERROR|Order {n} could not be sent to {mail}: timeout after {ms}
INFO|Tomcat started on port(s): {port} (http) with context path ''
`},
	{"rails", "I, [{usec} #{pid}]  INFO -- : [{uuid}] ", `
Started GET "{path}" for {ip} at {sql} +0000
Started POST "{path}" for {ip} at {sql} +0000
Processing by CartController#show as HTML
Processing by OrdersController#create as JSON
Completed {status} OK in {n}ms (Views: {f}ms | ActiveRecord: {f}ms | Allocations: {n})
Redirected to {url}
Rendered layout layouts/application.html.erb (Duration: {f}ms | Allocations: {n})
`},
	{"openstack", "nova-compute.log.1.{day}_13:53:08 {sql} {pid} {level} nova.compute.manager [req-{uuid} {sha}{sha} {sha}{sha} - - -] ", `
INFO|[instance: {uuid}] VM Started (Lifecycle Event)
INFO|[instance: {uuid}] VM Stopped (Lifecycle Event)
INFO|[instance: {uuid}] Took {f} seconds to spawn the instance on the hypervisor.
INFO|[instance: {uuid}] Took {f} seconds to destroy the instance on the hypervisor.
INFO|{ip} "GET /v2/{sha}/servers/detail HTTP/1.1" status: {status} len: {n} time: {f}
INFO|{ip} "POST /v2/{sha}/servers HTTP/1.1" status: {status} len: {n} time: {f}
INFO|{ip} "DELETE /v2/{sha}/servers/{uuid} HTTP/1.1" status: {status} len: {n} time: {f}
WARNING|Unknown base file: /var/lib/nova/instances/_base/{sha}
INFO|[instance: {uuid}] Total memory: {n} MB, used: {f} MB
INFO|[instance: {uuid}] memory limit: {f} MB, free: {f} MB
INFO|Final resource view: name={machine} phys_ram={n}MB used_ram={n}MB phys_disk=15GB used_disk={d}GB total_vcpus={d} used_vcpus={d} pci_stats=[]
WARNING|While synchronizing instance power states, found {d} instances in the database and {d} instances on the hypervisor.
`},
	{"ras", "- {epoch} {day} R{d}{d}-M{d}-N{d}-C:J{d}{d}-U{d}{d} {dense} R{d}{d}-M{d}-N{d}-C:J{d}{d}-U{d}{d} RAS KERNEL {level} ", `
INFO|instruction cache parity error corrected
INFO|generating core.{n}
FATAL|data TLB error interrupt
INFO|{n} floating point alignment exceptions
FATAL|rts: kernel terminated for reason {n}
ERROR|ciod: Error reading message prefix after LOGIN_MESSAGE on CioStream socket to {ip}:{port}: Link has been severed
INFO|CE sym {n}, at {hex}, mask {hex}
FATAL|machine check: i-fetch......................{d}
INFO|total of {n} ddr error(s) detected and corrected
INFO|ciod: generated {n} core files for program {path}/{machine}
`},
	{"cluster", "- {epoch} {day} {machine} {syslog} {machine}/{machine} ", `
crond(pam_unix)[{pid}]: session opened for user {user} by (uid=0)
crond(pam_unix)[{pid}]: session closed for user {user}
crond[{pid}]: ({user}) CMD (run-parts /etc/cron.hourly)
ntpd[{pid}]: synchronized to {ip}, stratum {d}
dhcpd: DHCPDISCOVER from {mac} via eth{d}
dhcpd: DHCPREQUEST for {ip} from {mac} via eth{d}: unknown lease {ip}.
kernel: scsi{d} : SCSI emulation for USB Mass Storage devices
ib_sm.x[{pid}]: [ib_sm_sweep.c:{n}]: No topology change
postfix/postdrop[{pid}]: warning: unable to look up public/pickup: No such file or directory
sendmail[{pid}]: {sha}: from={user}, size={n}, class=0, nrcpts={d}, relay={user}@localhost
pbs_mom: scan_for_exiting, node {machine} is up
in.tftpd[{pid}]: tftp: client does not accept options
`},
	{"proxy", "[{dot}] {machine}.exe - ", `
{domain}:{port} open through proxy {domain}:{port} HTTPS
{domain}:{port} close, {n} bytes sent, {n} bytes received, lifetime 00:{d}{d}
{domain}:{port} close, {n} bytes ({f} KB) sent, {n} bytes ({f} KB) received, lifetime <1 sec
{domain}:{port} error : Could not connect through proxy {domain}:{port} - Proxy server cannot establish a connection with the target, status code {status}
{domain}:{port} error : A connection request was canceled before the completion.
{ip}:{port} open directly
`},
	{"zookeeper", "{py} - {level}  [QuorumPeer[myid={d}]/0:0:0:0:0:0:0:0:2181:FastLeaderElection@{n}] - ", `
INFO|Notification time out: {n}
INFO|New election. My id =  {d}, proposed zxid={hex}
WARN|Interrupted while waiting for message on queue
INFO|Received connection request /{ip}:{port}
WARN|Cannot open channel to {d} at election address /{ip}:{port}
INFO|Accepted socket connection from /{ip}:{port}
INFO|Closed socket connection for client /{ip}:{port} which had sessionid {hex}
INFO|Closed socket connection for client /{ip}:{port} (no session established for client)
WARN|caught end of stream exception
INFO|Expiring session {hex}, timeout of {n}ms exceeded
INFO|Established session {hex} with negotiated timeout {n} for client /{ip}:{port}
WARN|Send worker leaving thread
INFO|LOOKING
INFO|FOLLOWING
`},
	{"elastic", "[{comma}][{level} ][o.e.c.m.MetadataIndexTemplateService] [{machine}] ", `
INFO|adding template [{thing}] for index patterns [{thing}-*]
INFO|removing template [{thing}]
WARN|high disk watermark [90%] exceeded on [{sha}][{machine}][{path}] free: {f}gb[{f}%], shards will be relocated away from this node
INFO|[gc][{n}] overhead, spent [{dur}] collecting in the last [{dur}]
INFO|[{thing}] creating index, cause [api], templates [], shards [{d}]/[{d}]
INFO|[{thing}/{sha}] deleting index
ERROR|fatal error in thread [elasticsearch[{machine}][write][T#{d}]], exiting
INFO|Cluster health status changed from [YELLOW] to [GREEN] (reason: [shards started [[{thing}][{d}]]]).
`},
	{"redis", "{pid}:M 03 Mar 2026 {dot}.123 * ", `
Background saving started by pid {pid}
Background saving terminated with success
DB saved on disk
{n} changes in {n} seconds. Saving...
Replica {ip}:{port} asks for synchronization
Full resync requested by replica {ip}:{port}
Fork CoW for RDB: current {d} MB, peak {d} MB, average {d} MB
`},
	{"rust", "[{iso} {level}  shop::pay] ", `
INFO|listening on {ip}:{port}
WARN|retrying request {uuid} in {dur}
ERROR|request {uuid} failed: connection closed before message completed
INFO|user {user} bought {n} items of {thing}
DEBUG|evicted {n} entries from cache {thing}
INFO|config reloaded from {path}
`},
	{"php", "[{php}] ", `
PHP Warning:  Undefined variable $total in /var/www{path} on line {n}
PHP Fatal error:  Uncaught Exception: no such order {n} in /var/www/shop.php:{n}\nStack trace:\n#0 /var/www/index.php({n}): Shop->find({n})\n#1 { main }\n  thrown in /var/www/shop.php on line {n}
PHP Notice:  Trying to access array offset on value of type null in /var/www{path} on line {n}
PHP Deprecated:  Function strftime() is deprecated in /var/www{path} on line {n}
WARNING: [pool www] server reached pm.max_children setting ({n}), consider raising it
NOTICE: [pool www] child {pid} exited with code {d} after {f} seconds from start
`},
	{"haproxy", "{syslog} {machine} haproxy[{pid}]: ", `
{ip}:{port} [{apache}] http-in {thing}/{machine} {d}/0/{d}/{n}/{n} {status} {n} - - ---- {d}/{d}/{d}/{d}/0 0/0 "GET {path} HTTP/1.1"
Server {thing}/{machine} is DOWN, reason: Layer4 timeout, check duration: {n}ms. {d} active and {d} backup servers left. {d} sessions active, {d} requeued, {d} remaining in queue.
Server {thing}/{machine} is UP, reason: Layer4 check passed, check duration: {n}ms. {d} active and {d} backup servers online. {d} sessions requeued, {d} total in queue.
backend {thing} has no server available!
Proxy {thing} started.
`},
	{"dotnet", "{level}: Microsoft.Hosting.Lifetime[{d}]\\n      ", `
info|Now listening on: http://localhost:{port}
info|Application started. Press Ctrl+C to shut down.
fail|An unhandled exception has occurred while executing the request.\n      System.InvalidOperationException: Sequence contains no elements\n         at System.Linq.ThrowHelper.ThrowNoElementsException()\n         at Shop.Cart.Total(Int32 id) in /src/Cart.cs:line {n}
warn|Failed to determine the https port for redirect.
info|Request finished HTTP/1.1 GET {url} - {status} {n} text/html {f}ms
`},
	{"kafka", "[{py}] {level} [ReplicaManager broker={d}] ", `
INFO|Stopped fetchers for {d} partitions
INFO|Handling LeaderAndIsr request correlationId {n} from controller {d} for {n} partitions
WARN|Error when completing shutdown of partition {thing}-{d}
INFO|Partition {thing}-{d} expanding ISR from {d} to {d},{d}
INFO|Partition {thing}-{d} shrinking ISR from {d},{d} to {d}
ERROR|Error processing append operation on partition {thing}-{d} (kafka.server.ReplicaManager)\norg.apache.kafka.common.errors.NotLeaderOrFollowerException: Not a leader for {thing}-{d}
`},
}
