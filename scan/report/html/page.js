"use strict";
const byId = id => document.getElementById(id);
const data = JSON.parse(byId("data").textContent);
const ROW = 46, SITES = ["invocation", "lookup", "unexplained"];

// el makes an element. Text is only ever set as text, so that no code of the report becomes markup.
function el(tag, props, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props || {})) {
    if (name in node) node[name] = value; else node.setAttribute(name, value);
  }
  node.append(...children.filter(c => c !== null && c !== undefined && c !== ""));
  return node;
}

// shown is code without what turns text round or is invisible.
const shown = s => s.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g, "·");

const below = (root, path) => root === "." ? path : root + "/" + path;
const all = data.report.occurrences;
all.forEach((o, i) => {
  o.code = data.code[i];
  o.full = below(o.root, o.path);
  o.place = o.full + ":" + o.line + ":" + o.column;
  o.key = o.full + ":" + o.line;
  o.decidable = o.action === "review" || o.class === "unexplained";
  o.hay = [o.place, o.reason, o.argv.join(" "), o.code.line.join(""), o.instance, o.rule, o.suggestion].join("\n").toLowerCase();
});
const places = new Map(all.map(o => [o.place, o]));
const changes = new Map((data.changes || []).map(c => [below(c.root, c.path), c.diff]));

// What the address holds. A decision is about all sites of a line: a grove-migrate.yaml can name no less. It names a text of
// the line where that stands nowhere else, since the fixes of an apply move lines.
const normal = new Set(SITES.filter(c => all.some(o => o.class === c)));
let state;
function read() {
  const q = new URLSearchParams(location.hash.slice(1));
  const set = name => new Set((q.get(name) || "").split(",").filter(Boolean));
  state = { action: set("action"), class: set("class"), root: new Set(q.getAll("root")), instance: q.get("instance") || "", rule: q.get("rule") || "",
    text: q.get("text") || "", path: q.get("path") || "", at: places.get(q.get("at")), decisions: new Map() };
  if (!q.has("class")) state.class = new Set(normal);
  if (q.get("class") === "all") state.class = new Set();
  for (const d of q.getAll("decide")) {
    const [key, how, value] = d.split("|").map(decodeURIComponent);
    if (how === "keep" || how === "instance") state.decisions.set(key, { how, value: value || "" });
  }
}
const same = (a, b) => a.size === b.size && [...a].every(x => b.has(x));
function write() {
  const q = new URLSearchParams();
  if (state.action.size) q.set("action", [...state.action].join(","));
  if (!same(state.class, normal)) q.set("class", [...state.class].join(",") || "all");
  for (const root of state.root) q.append("root", root);
  for (const name of ["instance", "rule", "text", "path"]) if (state[name]) q.set(name, state[name]);
  if (state.at) q.set("at", state.at.place);
  for (const [key, d] of state.decisions) q.append("decide", [key, d.how, d.value].map(encodeURIComponent).join("|"));
  history.replaceState(null, "", "#" + q);
}

// Filters. Each figure counts what the other filters leave.
const tests = {
  action: o => !state.action.size || state.action.has(o.action),
  class: o => !state.class.size || state.class.has(o.class),
  root: o => !state.root.size || state.root.has(o.root),
  instance: o => !state.instance || o.instance === state.instance,
  rule: o => !state.rule || o.rule === state.rule,
  text: o => !state.text || o.hay.includes(state.text.toLowerCase()),
  path: o => !state.path || o.full === state.path || o.full.startsWith(state.path + "/"),
};
const passing = except => {
  const used = Object.keys(tests).filter(name => name !== except).map(name => tests[name]);
  return all.filter(o => used.every(test => test(o)));
};
const tally = (list, field) => {
  const n = new Map();
  for (const o of list) if (o[field]) n.set(o[field], (n.get(o[field]) || 0) + 1);
  return n;
};

function bars(field, names) {
  const n = tally(passing(field), field), most = Math.max(1, ...n.values());
  byId("by-" + field).replaceChildren(...names.map(name => {
    const fill = el("span", { className: "fill" });
    fill.style.width = 100 * (n.get(name) || 0) / most + "%";
    const on = state[field].has(name);
    return el("button", { type: "button", className: "bar", "aria-pressed": on, title: name, "data-name": name, onclick: () => {
      if (on) state[field].delete(name); else state[field].add(name);
      update();
      byId("by-" + field).querySelector(`[data-name="${CSS.escape(name)}"]`).focus();
    } }, el("span", {}, name), el("span", { className: "track" }, fill), el("span", { className: "n" }, n.get(name) || 0));
  }));
}
const actions = ["review", "rewrite", "keep", "done"], classes = [...tally(all, "class").keys()].sort();
const roots = data.report.roots.map(r => r.path);

function choices(id) {
  const n = tally(all, id);
  byId(id).replaceChildren(el("option", { value: "" }, "any"), ...[...n.keys()].sort().map(v => el("option", { value: v }, shown(v) + " (" + n.get(v) + ")")));
  byId(id).addEventListener("change", e => { state[id] = e.target.value; update(); });
}

// The tree of files. A directory is filled when it is opened.
const opened = new Set();
function tree() {
  const top = { kids: new Map(), n: 0 };
  for (const o of passing("path")) {
    let node = top, full = "";
    const parts = (o.root === "." ? [] : [o.root]).concat(o.path.split("/"));
    for (const part of parts) {
      full = full ? full + "/" + part : part;
      if (!node.kids.has(part)) node.kids.set(part, { name: part, full, kids: new Map(), n: 0 });
      node = node.kids.get(part);
      node.n++;
    }
  }
  const pick = node => el("button", { type: "button", className: "pick path", "aria-pressed": state.path === node.full, "data-path": node.full, onclick: e => {
    e.preventDefault();
    state.path = state.path === node.full ? "" : node.full;
    update();
  } }, shown(node.name));
  const draw = node => [...node.kids.values()].map(kid => {
    while (kid.kids.size === 1 && [...kid.kids.values()][0].kids.size) {
      const only = [...kid.kids.values()][0];
      kid = { ...only, name: kid.name + "/" + only.name };
    }
    const n = el("span", { className: "dim" }, kid.n);
    if (!kid.kids.size) return el("div", { className: "file" }, pick(kid), " ", n);
    const inside = el("div"), box = el("details", {}, el("summary", {}, pick(kid), " ", n), inside);
    const fill = () => { if (!inside.firstChild) inside.append(...draw(kid)); };
    box.addEventListener("toggle", () => { if (box.open) { opened.add(kid.full); fill(); } else opened.delete(kid.full); });
    if (opened.has(kid.full)) { fill(); box.open = true; }
    return box;
  });
  byId("tree").replaceChildren(...draw(top));
}

// The list: only the rows in view are in the document.
let found = [];
const list = byId("list"), rows = byId("rows");
function tags(o) {
  const out = [];
  if (o.action) out.push(el("span", { className: "tag " + o.action }, o.action));
  out.push(el("span", { className: "tag " + o.class }, o.class));
  if (o.decidable && state.decisions.has(o.key)) out.push(el("span", { className: "tag decided" }, "decided"));
  return out;
}
function draw() {
  const from = Math.max(0, Math.floor(list.scrollTop / ROW) - 4), to = Math.min(found.length, Math.ceil((list.scrollTop + list.clientHeight) / ROW) + 4);
  rows.style.height = found.length * ROW + "px";
  rows.replaceChildren(...found.slice(from, to).map((o, i) => {
    const cut = o.full.lastIndexOf("/") + 1;
    const row = el("div", { className: "row", id: "row-" + (from + i), role: "option", "aria-selected": o === state.at, "aria-posinset": from + i + 1, "aria-setsize": found.length,
      onclick: () => { select(o); byId("detail").scrollIntoView({ block: "nearest" }); } },
      el("div", { className: "head", title: o.place }, ...tags(o), el("span", { className: "path dir" }, o.full.slice(0, cut)), el("span", { className: "path" }, o.full.slice(cut) + ":" + o.line)),
      el("div", { className: "code" }, shown(o.code.line.join("").trim())));
    row.style.top = (from + i) * ROW + "px";
    return row;
  }));
  const at = found.indexOf(state.at);
  if (at >= 0) list.setAttribute("aria-activedescendant", "row-" + at); else list.removeAttribute("aria-activedescendant");
}
function select(o) {
  state.at = o;
  const at = found.indexOf(o);
  if (at * ROW < list.scrollTop) list.scrollTop = at * ROW;
  if ((at + 1) * ROW > list.scrollTop + list.clientHeight) list.scrollTop = (at + 1) * ROW - list.clientHeight;
  draw();
  detail();
  write();
}

// One occurrence, as the page and the paper show it.
function view(o) {
  const line = (n, here, ...text) => el("div", { className: here ? "here" : "" }, el("span", { className: "num" }, n), ...text);
  const c = o.code, first = o.line - c.before.length;
  const code = el("pre", { tabIndex: 0 }, ...c.before.map((t, i) => line(first + i, false, shown(t))),
    line(o.line, true, shown(c.line[0]), el("mark", {}, shown(c.line[1])), shown(c.line[2])), ...c.after.map((t, i) => line(o.line + 1 + i, false, shown(t))));
  const facts = el("dl");
  const fact = (name, value) => { if (value) facts.append(el("dt", {}, name), el("dd", {}, el("code", {}, shown(value)))); };
  fact("command", o.argv.join(" "));
  fact("instance", o.instance && o.instance + (o.instance_from ? " (" + o.instance_from.replaceAll("-", " ") + ")" : ""));
  fact("suggestion", o.suggestion);
  fact("language", o.host ? o.language + " in " + o.host : o.language);
  fact("rule", o.rule);
  const out = el("div", { className: "view" }, el("h2", { className: "path" }, o.place), el("div", {}, ...tags(o), o.reason), code, facts);
  const steps = (title, list, text) => {
    if (list.length) out.append(el("h2", {}, title), el("ol", {}, ...list.map((s, i) => el("li", {},
      el("span", { className: "path" }, below(o.root, s.path) + (s.line ? ":" + s.line + ":" + s.column : "")), " ", s.what, text[i] ? el("pre", {}, shown(text[i].trim())) : ""))));
  };
  steps("From the definition to the call", o.chain, c.trace);
  steps("Run at", o.uses, c.uses);
  return out;
}
function detail() {
  const o = state.at, box = byId("detail");
  if (!o) return box.replaceChildren(el("p", { className: "dim" }, "Choose an occurrence."));
  box.replaceChildren(view(o));
  if (o.decidable) box.append(form(o));
  const diff = changes.get(o.full);
  if (diff) box.append(el("h2", {}, "Change"), ...hunks(diff, o.line));
}

// Decisions.
function form(o) {
  const d = state.decisions.get(o.key) || { how: "", value: "" };
  const value = el("input", { type: "text", id: "value", value: d.value, "aria-label": "the reason, or the instance" });
  const hint = how => { value.disabled = !how; value.placeholder = how === "keep" ? "why it stays as it is" : how ? "the instance, as the language there writes it" : ""; };
  const save = how => {
    if (how) state.decisions.set(o.key, { how, value: value.value }); else state.decisions.delete(o.key);
    hint(how);
    draw();
    decisions();
    write();
  };
  const radio = (how, text) => el("label", {}, el("input", { type: "radio", name: "how", value: how, checked: d.how === how, onchange: () => save(how) }), " ", text);
  value.addEventListener("input", () => save(document.querySelector("input[name=how]:checked").value));
  hint(d.how);
  return el("fieldset", {}, el("legend", {}, "Decide for this line"), radio("", "not yet"), radio("keep", "keep it as it is, because"),
    o.class === "unexplained" ? "" : radio("instance", "it is about the instance"), value);
}
// scalar is a text as YAML writes it; what could be read as anything else is quoted.
const scalar = s => /^[A-Za-z\/][\w .,\/()-]*$/.test(s) && !/\s$|^(true|false|null|yes|no|on|off|y|n)$/i.test(s) ? s : JSON.stringify(s);
// pattern is the pattern that matches one path.
const pattern = path => (path.includes("/") ? "" : "/") + path.replace(/[\\*?[\]]/g, "\\$&").replace(/^!/, "\\!");
function decisions() {
  const files = new Map(), done = new Set();
  let open = 0;
  for (const o of all) {
    if (!o.decidable) continue;
    const d = state.decisions.get(o.key), value = d ? d.value.trim() : "";
    if (!value) { open++; continue; }
    if (done.has(o.key)) continue;
    done.add(o.key);
    const file = below(o.root, "grove-migrate.yaml");
    if (!files.has(file)) files.set(file, "decisions:\n");
    files.set(file, files.get(file) + "  - path: " + scalar(pattern(o.path)) + "\n    " + (o.code.text ? "text: " + JSON.stringify(o.code.text) : "line: " + o.line) + "\n    " + d.how + ": " + scalar(value) + "\n");
  }
  byId("open").textContent = (open === 1 ? "1 is" : open + " are") + " not decided yet. A decision needs its reason, or its instance, to be listed here; where the file has decisions already, add the lines to them.";
  byId("lines").replaceChildren(...[...files].map(([file, text]) => {
    const pre = el("pre", { "data-file": file, tabIndex: 0 }, text), copy = el("button", { type: "button", onclick: async () => {
      try { await navigator.clipboard.writeText(text); copy.textContent = "Copied"; } catch { getSelection().selectAllChildren(pre); copy.textContent = "Selected: press Ctrl+C"; }
    } }, "Copy");
    return el("div", {}, el("h2", { className: "path" }, file), copy, pre);
  }));
}

// Changes, side by side: the hunks of a file, or the one that holds a line.
function hunks(diff, line) {
  const out = [];
  for (const text of diff.split(/^(?=@@ )/m).slice(1)) {
    const rest = text.split("\n"), [, from, count] = rest[0].match(/^@@ -(\d+)(?:,(\d+))?/);
    if (line && (line < +from || line >= +from + (count === undefined ? 1 : +count))) continue;
    const box = el("div", { className: "diff" }, el("div", { className: "at" }, rest[0]));
    let del = [], add = [];
    const flush = () => {
      for (let i = 0; i < Math.max(del.length, add.length); i++) box.append(...pair(del[i], add[i]));
      del = [], add = [];
    };
    for (const l of rest.slice(1)) {
      if (l[0] === "-") del.push(l.slice(1));
      else if (l[0] === "+") add.push(l.slice(1));
      else if (l[0] === " ") { flush(); box.append(el("div", { className: "code" }, shown(l.slice(1))), el("div", { className: "code" }, shown(l.slice(1)))); }
    }
    flush();
    out.push(box);
  }
  return out;
}
// pair is an old line beside its new one, with the words that differ marked.
function pair(a, b) {
  if (a === undefined) return [el("div"), el("div", { className: "code add" }, shown(b))];
  if (b === undefined) return [el("div", { className: "code del" }, shown(a)), el("div")];
  const least = Math.min(a.length, b.length);
  let head = 0, tail = 0;
  while (head < least && a[head] === b[head]) head++;
  while (tail < least - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail++;
  while (head && /\w/.test(a[head - 1])) head--;
  while (tail && /\w/.test(a[a.length - tail])) tail--;
  const side = (t, name) => el("div", { className: "code " + name }, shown(t.slice(0, head)), el("mark", {}, shown(t.slice(head, t.length - tail))), shown(t.slice(t.length - tail)));
  return [side(a, "del"), side(b, "add")];
}

function update() {
  found = passing();
  bars("action", actions);
  bars("class", classes);
  bars("root", roots);
  for (const id of ["instance", "rule", "text"]) if (byId(id).value !== state[id]) byId(id).value = state[id];
  byId("count").textContent = found.length + " of " + all.length + " shown" + (state.path ? ", below " + state.path : "");
  tree();
  draw();
  detail();
  decisions();
  write();
}

function start() {
  const s = data.report.summary, left = s.actions.review + s.unexplained;
  byId("summary").textContent = `${s.occurrences} occurrences in ${s.files} files; ${s.actions.rewrite} to rewrite, ${s.actions.review} to decide, ${s.unexplained} unexplained, ${s.skipped} skipped`;
  document.title = "grove-migrate: " + left + " to decide";
  for (const id of ["instance", "rule"]) choices(id);
  byId("text").addEventListener("input", e => { state.text = e.target.value; update(); });
  byId("filters").addEventListener("submit", e => e.preventDefault());
  byId("reset").addEventListener("click", () => {
    Object.assign(state, { action: new Set(), class: new Set(normal), root: new Set(), instance: "", rule: "", text: "", path: "" });
    update();
  });
  byId("skips").append(...data.report.skipped.map(k => el("li", {}, el("span", { className: "path" }, below(k.root, k.path)), " ", k.reason)));
  byId("skips").append(...data.report.stale.map(k => el("li", {}, el("span", { className: "path" }, below(k.root, k.path) + (k.line ? ":" + k.line : "")), " decides nothing any more, remove it: ", k.reason)));
  byId("skipped").hidden = !byId("skips").firstChild;
  byId("changes").hidden = !changes.size;
  byId("diffs").append(...[...changes].map(([path, diff]) => {
    const box = el("details", { ontoggle: () => {
      if (box.children.length > 1) return;
      const all = hunks(diff);
      box.append(...(all.length ? all : [el("pre", {}, shown(diff))])); // of a mode alone
    } }, el("summary", { className: "path" }, path));
    return box;
  }));
  list.addEventListener("scroll", draw);
  addEventListener("resize", draw);
  addEventListener("hashchange", () => { read(); update(); });
  addEventListener("beforeprint", () => byId("paper").replaceChildren(...found.map(view)));
  addEventListener("afterprint", () => byId("paper").replaceChildren());
  if (matchMedia("(max-width: 900px)").matches) byId("figures").open = byId("files").open = false;
  addEventListener("keydown", keys);
  read();
  update();
  if (state.at) select(state.at);
}
function keys(e) {
  const typing = e.target.matches("input[type=text], input[type=search], select");
  if (e.key === "Escape") return list.focus();
  if (typing || e.ctrlKey || e.metaKey || e.altKey) return;
  const at = found.indexOf(state.at), inList = e.target === list, screen = Math.max(1, Math.floor(list.clientHeight / ROW) - 1);
  const go = i => { e.preventDefault(); if (found.length) { select(found[Math.max(0, Math.min(found.length - 1, i))]); } };
  switch (e.key) {
    case "/": e.preventDefault(); return byId("text").focus();
    case "j": return go(at + 1);
    case "k": return go(at - 1);
    case "n": {
      const open = o => o.decidable && !(state.decisions.get(o.key) || { value: "" }).value.trim();
      const next = found.findIndex((o, i) => i > at && open(o));
      return next >= 0 ? go(next) : go(found.findIndex(open) >= 0 ? found.findIndex(open) : at);
    }
  }
  if (!inList) return;
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + screen, PageUp: at - screen, Home: 0, End: found.length - 1 }[e.key];
  if (to !== undefined) go(to);
  if (e.key === "Enter") byId("detail").focus();
}
start();
