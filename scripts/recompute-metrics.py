#!/usr/bin/env python3
"""Recomputes the five delivery metrics from an export, sharing no code with debrief.
debrief export | scripts/recompute-metrics.py --from 2026-03-02T00:00:00Z --to 2026-04-06T00:00:00Z --now 2026-04-01T00:00:00Z
reads what was recorded (deployments, changes, incidents, what is held to have come from
what) and none of the facts debrief derives; it writes one line of JSON per service.
"""
import argparse, json, math, sys
from collections import defaultdict
from datetime import datetime, timedelta, timezone

DAY, EPOCH = 86400 * 10**6, datetime(1970, 1, 1, tzinfo=timezone.utc)

def micros(text):
    return (datetime.fromisoformat(text.replace("Z", "+00:00")) - EPOCH) // timedelta(microseconds=1) if text else None

def median(values):
    v = sorted(values)
    return (v[(len(v) - 1) // 2] + v[len(v) // 2]) / 2 if v else None

def read(lines):
    tables = defaultdict(lambda: defaultdict(list))
    for line in lines:
        row = json.loads(line)
        if "table" in row:
            tables[row["row"].get("service_id", "")][row["table"]].append(row["row"])
    return tables

def live(d):
    return micros(d["data"]["times"].get("full_exposure_at") or d["data"]["times"].get("finished_at"))

def first(d):
    t = d["data"]["times"]
    return micros(t.get("first_exposure_at") or t.get("started_at") or t.get("full_exposure_at") or t.get("finished_at"))

def classify(rows, environment):
    final = {"succeeded", "failed", "aborted", "superseded", "partial"}
    ds = sorted((d for d in rows if d["environment"] == environment), key=lambda d: (live(d) if d["state"] in final else first(d), first(d), d["id"]))
    running, seen = None, []
    for d in ds:
        d["previous"], d["at"] = running, live(d) or first(d)
        version = d.get("version", "")
        if d["state"] not in final:
            d["what"] = "running"
        elif d["state"] not in ("succeeded", "partial"):
            d["what"] = "attempt"
        elif running and running["version"] == version:
            d["what"] = "same"
        else:
            back = version in seen and seen.index(version) < seen.index(running["version"])
            d["what"] = "rollback" if d["data"].get("rollback") or back else "release"
            seen += [] if version in seen else [version]
            running = d
    return ds

def leads(ds, t):
    changes = {c["id"]: c["data"] for c in t["changes"]}
    carried, arrived, out = defaultdict(list), {}, []
    for link in t["deployment_changes"]:
        carried[link["deployment_id"]].append(link["change_id"])
    for d in ds:
        before, prev = dict(arrived), d["previous"]
        if d["state"] in ("succeeded", "partial"):
            for c in carried[d["id"]]: arrived.setdefault(c, d["at"])
        if d["what"] != "release" or prev is None or not (d.get("git") or {}).get("from") or d["at"] - prev["at"] > 60 * DAY:
            continue
        for c in set(carried[d["id"]]):
            change, made = changes[c], micros(changes[c].get("committed_at") or changes[c].get("authored_at"))
            if made is not None and made <= d["at"] and not change.get("bot") and before.get(c, d["at"]) >= d["at"]:
                out.append((d, d["at"] - made, change.get("pull_number", 0)))
    return out

def held(a):
    if a["state"] == "held": return a["candidates"][0]
    said = [c for c in a["candidates"] if a["state"] == "said" and c["id"] == a["answer"]["answer"] and c["kind"] != "none"]
    return said[0] if said else None

def suspects(a):
    cs = a["candidates"]
    return {c["id"] for i, c in enumerate(cs) if c["kind"] == "release" and (i < 2 or cs[0]["log_odds"] - c["log_odds"] < math.log(3))}

def outcomes(ds, t, now):
    shipped = {d["id"]: d for d in ds if d["what"] in ("release", "rollback")}
    incidents = {i["id"]: i["data"] for i in t["incidents"]}
    for d in ds:
        d.update(failed=False, told=[], remedy="rollback" if d["what"] == "rollback" else "", remedies=[])
    open_ = []
    for a in sorted((r["data"] for r in t["attributions"]), key=lambda a: (micros(a["at"]), a["subject"])):
        c = held(a)
        counts = a["kind"] != "incident" or a["state"] == "said" or not incidents[a["subject"]].get("alert")
        target = shipped.get(c["id"]) if c and c["kind"] == "release" else None
        if target:
            target["told"] += [incidents[a["subject"]]] if a["kind"] == "incident" else []
            target["failed"] |= counts
        if a["kind"] != "incident" and a["subject"] in shipped:
            d = shipped[a["subject"]]
            d["remedy"] = a["kind"] if c else "" if a["state"] == "said" else d["remedy"]
            if target and target is not d: target["remedies"].append(d)
        if a["state"] == "asked" and counts:
            i = incidents.get(a["subject"], {}) if a["kind"] == "incident" else None
            end = micros(a["at"]) if i is None else micros(i["times"].get("restored_at") or i["times"].get("closed_at")) or now
            open_.append([micros(a["at"]), end, suspects(a)])
    fault = list(range(len(open_)))  # tickets that suspect the same release at the same time ask about one fault
    for i, k in ((i, k) for i in fault[:] for k in range(i)):
        if open_[i][2] & open_[k][2] and open_[i][0] <= open_[k][1] + 3600 * 10**6:
            fault = [fault[k] if f == fault[i] else f for f in fault]
    return [(fault[i], {s for s in a[2] if s in shipped and not shipped[s]["failed"]}) for i, a in enumerate(open_)]

def recovery(d, ds):
    impact = min((micros(i["times"]["impact_at"]) for i in d["told"] if i["times"].get("impact_at")), default=d["at"])
    running = any(not i["times"].get("restored_at") and not i["times"].get("closed_at") for i in d["told"])
    restored = max((micros(i["times"]["restored_at"]) for i in d["told"] if i["times"].get("restored_at")), default=None)
    closed = max((micros(i["times"].get("restored_at") or i["times"].get("closed_at")) or 0 for i in d["told"]), default=0)
    after = sorted(r["at"] for r in d["remedies"] if r["at"] > d["at"])
    before = [r["at"] for r in ds if r["what"] in ("release", "rollback") and d["at"] < r["at"] <= closed]
    end = restored if restored and not running else after[0] if after else max(before) if before and not running else None
    return end - impact if end is not None and end >= impact else None

def metrics(t, a):
    ds = classify(t["deployments"], a.env)
    faults = outcomes(ds, t, a.now)
    asked = {s for _, suspected in faults for s in suspected}
    new = [d for d in ds if a.start <= d["at"] < a.end]
    kinds = [d["what"] for d in new]
    settled = [d for d in new if d["what"] == "release" and (d["failed"] or d["id"] in asked or d["at"] + DAY <= a.now)]
    failed = [d for d in settled if d["failed"]]
    may = {d["id"] for d in settled if d["id"] in asked}
    took = [x for x in (recovery(d, ds) for d in failed) if x is not None]
    way = [x for x in leads(ds, t) if a.start <= x[0]["at"] < a.end]
    pulls = {(d["id"], pull): max(x[1] for x in way if (x[0]["id"], x[2]) == (d["id"], pull)) for d, _, pull in way if pull}
    changed = [d for d in new if d["what"] in ("release", "rollback")]
    rework = [d["remedy"] for d in changed if d["remedy"]]
    return {
        "releases": kinds.count("release"), "rollbacks": kinds.count("rollback"), "attempts": kinds.count("attempt"), "same": kinds.count("same"),
        "leads": len(way), "lead": median([x[1] for x in way]), "pulls": len(pulls), "pull_lead": median(pulls.values()),
        "failed": len(failed), "at_most": len(failed) + min(len(may), len({fault for fault, suspected in faults if suspected & may})), "of": len(settled),
        "restored": len(took), "recovery": median(took),
        "rework": len(rework), "rework_other": len([r for r in rework if r != "rollback"]), "rework_of": len(changed)}

def main():
    p = argparse.ArgumentParser()
    for name, dest in (("--from", "start"), ("--to", "end"), ("--now", "now")):
        p.add_argument(name, required=True, type=micros, dest=dest)
    p.add_argument("--env", default="production")
    a = p.parse_args()
    for service, t in sorted(read(sys.stdin).items()):
        if t["deployments"]:
            print(json.dumps({"service": service, **metrics(t, a)}))

main()
