// The desk saves while somebody writes. Without this file the form saves.
(() => {
  "use strict";
  const form = document.querySelector("form.desk");
  if (!form) return;
  const text = form.elements.text, version = form.elements.version, status = document.getElementById("saving");
  const key = "debrief/" + form.dataset.id;
  const finish = document.querySelector("form.finish");
  const fields = () => JSON.stringify([...new FormData(form)].filter(([name]) => name !== "version"));
  let saved = fields(), timer = 0, busy = false, wait = 0, torn = false;

  // What could not be saved before (the server was away, the page was closed)
  // is put back, over the version it was made from.
  const store = (value) => { try { value ? localStorage.setItem(key, value) : localStorage.removeItem(key); } catch { /* private windows keep nothing */ } };
  const left = () => { try { return JSON.parse(localStorage.getItem(key)); } catch { return null; } };
  const say = (words) => { status.textContent = words; };

  const hints = (list) => {
    const ul = document.querySelector("#hints ul"), head = document.querySelector("#hints h2");
    ul.replaceChildren(...list.map((h) => {
      const li = document.createElement("li"), b = document.createElement("button"), better = document.createElement("b");
      // Places come in bytes; the field counts in UTF-16.
      const bytes = new TextEncoder().encode(text.value), at = (n) => new TextDecoder().decode(bytes.slice(0, n)).length;
      b.type = "button"; b.className = "plain"; b.textContent = "“" + h.found + "”";
      b.addEventListener("click", () => { text.focus(); text.setSelectionRange(at(h.from), at(h.to)); });
      better.textContent = h.better;
      li.append(b, " " + h.why + " ", better);
      return li;
    }));
    head.hidden = list.length === 0;
  };

  const conflict = (theirs, v) => {
    torn = true;
    let box = document.querySelector(".conflict");
    if (!box) {
      box = document.createElement("div"); box.className = "note conflict"; box.setAttribute("role", "alert");
      const p = document.createElement("p"), b = document.createElement("b"), pre = document.createElement("pre"), code = document.createElement("code");
      b.textContent = "Somebody else saved meanwhile."; pre.append(code);
      p.append(b, " Nothing was overwritten: this is what stands there, and yours is in the field below. Join them and save.");
      box.append(p, pre); form.before(box);
    }
    box.querySelector("code").textContent = theirs;
    version.value = v;
    say("not saved: join the two texts, then Save");
  };

  const save = async () => {
    clearTimeout(timer);
    const now = fields();
    if (busy || torn || now === saved) return;
    busy = true;
    try {
      const r = await fetch(form.action, { method: "POST", headers: { Accept: "application/json" }, body: new URLSearchParams(new FormData(form)) });
      if (r.status === 409) { const a = await r.json(); conflict(a.theirs, a.version); return; }
      if (!r.ok) throw new Error(r.status);
      const a = await r.json();
      version.value = a.version; saved = now; wait = 0;
      if (finish) finish.elements.version.value = a.version;
      store(null); hints(a.hints || []); say("saved");
    } catch {
      wait = Math.min(Math.max(wait * 2, 1000), 15000);
      say("not saved yet: the server does not answer; trying again");
      timer = setTimeout(save, wait);
    } finally {
      busy = false;
      if (!torn && wait === 0 && fields() !== saved) { clearTimeout(timer); timer = setTimeout(save, 300); }
    }
  };
  form.addEventListener("input", () => {
    store(JSON.stringify({ version: version.value, fields: fields() }));
    if (torn) return;
    if (!wait) say("…");
    clearTimeout(timer);
    timer = setTimeout(save, wait || 600);
  });
  form.addEventListener("submit", () => { store(null); });
  document.addEventListener("keydown", (e) => {
    if ((e.ctrlKey || e.metaKey) && e.key === "s") { e.preventDefault(); torn ? form.requestSubmit() : save(); }
  });
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") save(); });

  const before = left();
  if (before && before.fields !== saved) {
    for (const e of form.elements) if (e.type === "radio" || e.type === "checkbox") e.checked = false;
    for (const [name, value] of JSON.parse(before.fields)) {
      const e = form.elements[name];
      if (!e) continue;
      if (e.type === "checkbox") e.checked = true; else e.value = value;
    }
    version.value = before.version;
    save();
  }

  // Fifteen minutes, from the first word on. It only tells.
  const clock = document.getElementById("clock"), box = document.querySelector(".clock");
  if (clock && box) {
    const at = "debrief/clock/" + form.dataset.id;
    const tick = () => {
      let from = null;
      try { from = Number(sessionStorage.getItem(at)); } catch { /* no clock then */ }
      if (!from) return;
      const left = Number(box.dataset.minutes) * 60 - Math.floor((Date.now() - from) / 1000);
      clock.textContent = left > 0
        ? "Left: " + Math.floor(left / 60) + ":" + String(left % 60).padStart(2, "0")
        : "The fifteen minutes are over. Decide the one thing and finish: what is written is enough.";
    };
    form.addEventListener("input", () => { try { if (!sessionStorage.getItem(at)) sessionStorage.setItem(at, String(Date.now())); } catch { /* no clock then */ } tick(); });
    setInterval(tick, 1000); tick();
  }
})();
