// Progressive enhancement only: without this file every page still works.
(() => {
  "use strict";

  // The key / leads to the search box, from wherever nothing is being typed.
  document.addEventListener("keydown", (e) => {
    if (e.key !== "/" || e.ctrlKey || e.metaKey || e.altKey) return;
    if (e.target.closest("input, textarea, select, [contenteditable]")) return;
    const q = document.getElementById("q");
    if (q) { e.preventDefault(); q.focus(); q.select(); }
  });

  // Commands can be copied.
  const copyable = (root) => {
    if (!navigator.clipboard) return;
    for (const pre of root.querySelectorAll("pre.cmd:not(:has(.copy))")) {
      const b = document.createElement("button");
      b.type = "button"; b.className = "copy"; b.textContent = "Copy";
      b.addEventListener("click", () => navigator.clipboard.writeText(pre.querySelector("code").textContent).then(() => { b.textContent = "Copied"; }, () => { b.textContent = "Select it"; }));
      pre.append(b);
    }
  };
  copyable(document);

  // Under the pointer a plot reads out its value and what is usual then.
  const clock = (unix, zone, step) => {
    const o = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
    if (step < 60) o.second = "2-digit";
    if (step >= 600) o.weekday = "short";
    try { return new Date(unix * 1000).toLocaleTimeString("en-GB", { ...o, timeZone: zone }); } catch { return new Date(unix * 1000).toLocaleTimeString("en-GB", o); }
  };
  const say = (x, unit) => x == null ? "missing" : x.toLocaleString("en-GB", { maximumSignificantDigits: 3 }) + (unit ? " " + unit : "");
  const forget = (plots) => { for (const n of plots.querySelectorAll(".cross, .read")) n.remove(); };
  const read = (e) => {
    const plots = e.target.closest && e.target.closest(".plots[data-series]");
    if (!plots) return;
    const svg = [...plots.querySelectorAll("svg[data-x]")].find((s) => s.getClientRects().length);
    if (!svg) return;
    const d = plots.series || (plots.series = JSON.parse(plots.dataset.series));
    const box = svg.getBoundingClientRect(), scale = box.width / svg.viewBox.baseVal.width;
    const [x0, x1] = svg.dataset.x.split(" ").map(Number), [t0, t1] = svg.dataset.t.split(" ").map(Number);
    const x = (e.clientX - box.left) / scale;
    const i = Math.floor((t0 + (x - x0) / (x1 - x0) * (t1 - t0) - d.start) / d.step);
    forget(plots);
    if (x < x0 || x > x1 || i < 0 || i >= d.v.length) return;
    const at = (x0 + ((i + .5) * d.step + d.start - t0) / (t1 - t0) * (x1 - x0)) * scale;
    const cross = document.createElement("div"), out = document.createElement("div"), usual = document.createElement("span");
    cross.className = "cross"; out.className = "read"; usual.className = "mut";
    out.setAttribute("aria-hidden", "true"); // the table behind the plot says the same
    out.textContent = clock(d.start + i * d.step, d.zone, d.step) + "  " + say(d.v[i], d.unit);
    if (d.low && d.low[i] != null) { usual.textContent = " usual " + say(d.low[i]) + " to " + say(d.high[i]); out.append(usual); }
    plots.append(cross, out);
    cross.style.left = at + "px";
    out.style.left = Math.max(0, Math.min(at + 8, plots.clientWidth - out.offsetWidth)) + "px";
  };
  document.addEventListener("pointermove", read);
  document.addEventListener("pointerdown", read);
  document.addEventListener("pointerout", (e) => { const p = e.target.closest && e.target.closest(".plots"); if (p && !p.contains(e.relatedTarget)) forget(p); });

  // A page follows what happens: when the records' revision grows, the parts
  // that changed are replaced. What a person has open or is using stays.
  const parts = ["story", "aside"];
  const replace = (fresh) => {
    for (const id of parts) {
      const now = document.getElementById(id), then = fresh.getElementById(id);
      if (!now || !then) { if (now || then) { location.reload(); return; } continue; }
      const open = [...now.querySelectorAll("details")].map((d) => d.open);
      const before = [...now.querySelectorAll("details")].map((d) => d.querySelector("summary").textContent);
      const source = then.innerHTML;
      if (now.source === source) continue;
      const focus = document.activeElement && now.contains(document.activeElement) ? [...now.querySelectorAll("a, button, summary, input, select")].indexOf(document.activeElement) : -1;
      now.innerHTML = source; now.source = source;
      for (const d of now.querySelectorAll("details")) {
        const k = before.indexOf(d.querySelector("summary").textContent);
        if (k >= 0) { d.open = open[k]; before[k] = null; }
      }
      if (focus >= 0) { const again = now.querySelectorAll("a, button, summary, input, select")[focus]; if (again) again.focus({ preventScroll: true }); }
      copyable(now);
    }
    document.title = fresh.title;
    document.body.dataset.live = fresh.body.dataset.live;
  };
  const refresh = async () => {
    const r = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (r.ok && !r.redirected) replace(new DOMParser().parseFromString(await r.text(), "text/html"));
  };
  if (document.body.dataset.live && window.EventSource) {
    for (const id of parts) {
      const n = document.getElementById(id);
      if (n) n.source = n.innerHTML.replace(/<button type="button" class="copy">[^<]*<\/button>/g, "");
    }
    let stream = null, busy = false;
    const follow = () => {
      if (stream) return;
      stream = new EventSource("/live");
      stream.onmessage = async (e) => {
        if (busy || e.data === document.body.dataset.live || document.visibilityState === "hidden") return;
        busy = true;
        try { await refresh(); } catch { /* the next beat tries again */ } finally { busy = false; }
      };
    };
    const rest = () => { if (stream) { stream.close(); stream = null; } };
    document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" ? rest() : follow());
    window.addEventListener("pagehide", rest);
    window.addEventListener("pageshow", follow);
    if (document.visibilityState !== "hidden") follow();
  }

  // An answer is sent without leaving the page; without a network the form does it.
  document.addEventListener("submit", async (e) => {
    const form = e.target;
    if (!form.matches("form.answer") || !e.submitter) return;
    e.preventDefault();
    const body = new URLSearchParams(new FormData(form, e.submitter));
    try {
      const r = await fetch(form.action, { method: "POST", body });
      if (!r.ok) throw new Error(r.status);
      await refresh();
    } catch {
      for (const [name, value] of body) {
        const kept = document.createElement("input");
        kept.type = "hidden"; kept.name = name; kept.value = value;
        form.append(kept);
      }
      form.submit();
    }
  });
})();
