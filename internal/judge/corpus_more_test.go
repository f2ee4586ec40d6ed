package judge_test

// harder are systems with many programs in one stream, statements that are
// said once, values that are words, and marks in odd places.
var harder = []system{
	{"mac", "{syslog} {machine}-{n} ", `
kernel[0]: IOSwitch<0>({hex})::listenerCallback - HPD packet for route = {hex} port = {n} unplug = {d}
kernel[0]: ARPT: {f}: AirPort_Brcm::powerChange: System Sleep
kernel[0]: ARPT: {f}: AirPort_Brcm::syncPowerState: WWEN[enabled]
kernel[0]: en0: BSSID changed to {mac}
kernel[0]: Wake reason: RTC (Alarm)
com.apple.CDScheduler[{pid}]: Thermal pressure state: {d} Memory pressure state: {d}
com.apple.cts[{pid}]: com.apple.{thing}.push: scheduler_evaluate_activity told me to run this job; however, but the start time isn't for {n} seconds.  Ignoring.
com.apple.xpc.launchd[1] (com.apple.{thing}[{pid}]): Service exited due to signal: Killed: 9
com.apple.WebKit.WebContent[{pid}]: [{dot}] 0x{sha} unexpected state
corecaptured[{pid}]: CCFile::copyFile fileName is [{dot}]-{machine}-{n}.txt, source path:{path}, dest path:{path}
sandboxd[{pid}] ([{pid}]): {machine}({pid}) deny network-outbound {path}
symptomsd[{pid}]: __73-[NetworkEngine observeValue:ofObject:change:context:]_block_invoke unexpected switch value {d}
mds[{pid}]: (DiskStore.Normal:{n}) {sha} {f}
QQ[{pid}]: FA||Url||taskID[{n}] dealloc
QQ[{pid}]: button report: {hex}
Safari[{pid}]: KeychainGetICDPStatus: status: off
Safari[{pid}]: tcp_connection_tls_session_error_callback_imp {n} __tcp_connection_tls_session_callback_write_block_invoke.434 error {d}
locationd[{pid}]: Location icon should now be in state 'Active'
locationd[{pid}]: Location icon should now be in state 'Inactive'
networkd[{pid}]: nw_nat64_post_new_ifstate successfully changed NAT64 ifstate from {hex} to {hex}
UserEventAgent[{pid}]: Captive: [CNInfoNetworkActive:{n}] en0: SSID '{thing}' making interface primary (cache indicates network not captive)
`},
	{"linux boot", "{syslog} {machine} ", `
kernel: Linux version 2.6.5-1.358 (user@{domain}) (gcc version 3.3.3) #1 Sat May 8 09:04:50 EDT 2004
kernel: BIOS-e820: {sha} - {sha} (usable)
kernel: BIOS-e820: {sha} - {sha} (reserved)
kernel: {n}MB HIGHMEM available.
kernel: {n}MB LOWMEM available.
kernel: On node 0 totalpages: {n}
kernel:   DMA zone: {n} pages, LIFO batch:{d}
kernel:   Normal zone: {n} pages, LIFO batch:{d}
kernel: Kernel command line: ro root=LABEL=/ rhgb quiet
kernel: Memory: {n}k/{n}k available ({n}k kernel code, {n}k reserved, {n}k data, {n}k init, 0k highmem)
kernel: CPU: L1 I cache: {n}K, L1 D cache: {n}K
kernel: Dentry cache hash table entries: {n} (order: {d}, {n} bytes)
kernel: Inode-cache hash table entries: {n} (order: {d}, {n} bytes)
kernel: Mount-cache hash table entries: {n} (order: {d}, {n} bytes)
kernel: ACPI: PCI Interrupt Link [LNK{d}] (IRQs 3 4 5 6 7 9 10 11 12)
network: Bringing up loopback interface:  succeeded
network: Bringing up interface eth0:  succeeded
{machine}d: {machine}d startup succeeded
{machine}d: {machine}d shutdown succeeded
sshd(pam_unix)[{pid}]: authentication failure; logname= uid=0 euid=0 tty=NODEVssh ruser= rhost={domain}  user={user}
ftpd[{pid}]: ANONYMOUS FTP LOGIN FROM {ip}, (anonymous)
ftpd[{pid}]: User unknown timed out after {n} seconds at {ctime}
gdm-binary[{pid}]: Couldn't authenticate user
hcid[{pid}]: HCI daemon ver 2.4 started
`},
	{"yarn", "{py} {level} [AsyncDispatcher event handler] org.apache.hadoop.yarn.server.resourcemanager.rmapp.RMAppImpl: ", `
INFO|application_{n}_{n} State change from NEW to NEW_SAVING on event=START
INFO|application_{n}_{n} State change from SUBMITTED to ACCEPTED on event=APP_ACCEPTED
INFO|Storing application with id application_{n}_{n}
INFO|Assigned container container_{n}_{n} of capacity <memory:{n}, vCores:{d}> on host {machine}{d}:{port}, which has {d} containers, <memory:{n}, vCores:{d}> used and <memory:{n}, vCores:{d}> available after allocation
WARN|Auxiliary service {thing} took {n}ms
ERROR|Failed to launch container_{n}_{n}\njava.io.IOException: No space left on device\n\tat java.base/java.io.FileOutputStream.write(FileOutputStream.java:9)\n\tat org.shop.Launch.go(Launch.java:{n})
INFO|Registered webapp guice modules
INFO|USER={user}	IP={ip}	OPERATION=Submit Application Request	TARGET=ClientRMService	RESULT=SUCCESS	APPID=application_{n}_{n}
INFO|Using callQueue: class java.util.concurrent.LinkedBlockingQueue queueCapacity: {n} scheduler: class org.apache.hadoop.ipc.DefaultRpcScheduler
`},
	{"tracing", "{usec}Z  {level} shop::{thing}: ", `
INFO|payment accepted order={n} user={user} took={dur}
WARN|payment slow order={n} user={user} took={dur}
ERROR|payment refused order={n} user={user} reason="card declined"
INFO|new connection peer={ip}:{port}
INFO|connection closed peer={ip}:{port} reason=eof
DEBUG|cache hit key={thing}:{n}
DEBUG|cache miss key={thing}:{n}
`},
	{"basic python", "{level}:shop.{thing}:", `
INFO|starting worker {n}
INFO|stopping worker {n}
WARNING|queue {thing} has {n} jobs
ERROR|job {uuid} failed: {thing} not found
INFO|loaded {n} rows from {path}
DEBUG|tick
`},
	{"gunicorn", "[{sql} +0000] [{pid}] [{level}] ", `
INFO|Starting gunicorn 21.2.0
INFO|Listening at: http://{ip}:{port} ({pid})
INFO|Using worker: sync
INFO|Booting worker with pid: {pid}
CRITICAL|WORKER TIMEOUT (pid:{pid})
INFO|Worker exiting (pid: {pid})
INFO|Handling signal: term
WARNING|Worker with pid {pid} was terminated due to signal {d}
`},
	{"compose", "{machine}-1  | {iso} {level} ", `
INFO|served {path} in {dur}
INFO|user {user} signed in from {ip}
INFO|user {user} signed out
ERROR|could not reach {machine}: connection refused
WARN|disk {path} is {d}{d}% full
`},
	{"mongo", "", `
{"t":{"$date":"{iso}"},"s":"I","c":"NETWORK","id":22943,"ctx":"listener","msg":"Connection accepted","attr":{"remote":"{ip}:{port}","connectionId":{n}}}
{"t":{"$date":"{iso}"},"s":"I","c":"NETWORK","id":22944,"ctx":"conn{n}","msg":"Connection ended","attr":{"remote":"{ip}:{port}","connectionId":{n}}}
{"t":{"$date":"{iso}"},"s":"I","c":"COMMAND","id":51803,"ctx":"conn{n}","msg":"Slow query","attr":{"type":"command","ns":"shop.{thing}","durationMillis":{n}}}
{"t":{"$date":"{iso}"},"s":"W","c":"STORAGE","id":22271,"ctx":"initandlisten","msg":"Detected unclean shutdown","attr":{"lockFile":"{path}"}}
{"t":{"$date":"{iso}"},"s":"E","c":"REPL","id":21000,"ctx":"repl","msg":"Heartbeat to {domain}:{port} failed after {d} retries","attr":{"status":"HostUnreachable"}}
`},
	{"envoy json", "", `
{"start_time":"{iso}","method":"GET","path":"{path}","response_code":{status},"duration":{n},"upstream_host":"{ip}:{port}"}
{"start_time":"{iso}","method":"GET","path":"{path}","response_code":{status},"duration":{n},"flags":"UF"}
`},
	{"words", "{sql} [{machine}] {level} ", `
INFO|Customer {user} moved {thing} from {machine} to {machine}
INFO|Sent {thing} to {mail}
INFO|Role {user} granted to {user} on {thing} by {user}
WARN|Could not resolve {domain}, using {domain}
ERROR|Replication of {thing} from {machine} to {machine} broke: lag is {dur}
INFO|{user} logged in
INFO|{user} logged out
INFO|Backup of {thing} is complete
`},
	{"cri", "{usec}Z stdout F ", `
{"level":"info","ts":{epoch}.123,"logger":"controller","msg":"Reconciling","name":"{thing}"}
{"level":"error","ts":{epoch}.123,"logger":"controller","msg":"Reconciler error","error":"Operation cannot be fulfilled on pods \"{thing}\": the object has been modified"}
{"level":"info","ts":{epoch}.123,"logger":"controller","msg":"Starting workers","worker count":{d}}
`},
	{"docker json", `{"log":"{sql} {level} [worker-{d}] `, `
INFO|order {n} placed","stream":"stdout","time":"{iso}"}
ERROR|payment {n} refused by \"{thing}\"","stream":"stderr","time":"{iso}"}
INFO|cache {thing} warmed in {dur}","stream":"stdout","time":"{iso}"}
`},
	{"syslog json", "{syslog} {machine} shop[{pid}]: ", `
{"level":"error","msg":"payment refused","order":{n}}
{"level":"info","msg":"order placed","order":{n},"user":"{user}"}
{"level":"info","msg":"cache {thing} warmed","took":{n}}
`},
	{"syslog logfmt", "{syslog} {machine} shop[{pid}]: ", `
level=error msg="payment refused" order={n} user={user}
level=info msg="order placed" order={n} user={user}
level=info msg="cache warmed" name={thing} took={dur}
`},
	{"colours", "\x1b[2m{usec}Z\x1b[0m \x1b[32m {level}\x1b[0m \x1b[2mshop::{thing}\x1b[0m\x1b[2m:\x1b[0m ", `
INFO|payment {n} accepted
WARN|payment {n} slow
ERROR|payment {n} refused: \e[31mcard declined\e[0m
`},
	{"no header", "", `
listening on port {port}
accepted connection from {ip}
closed connection from {ip} after {dur}
cannot open {path}: permission denied
reading configuration from {path}
{n} requests served
user {user} has {n} items
`},
}
