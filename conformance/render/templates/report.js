// What the page can do beyond being read: find and filter cases, and show the messages that it holds compressed.
// It makes no markup out of text: every text goes through textContent.
(() => {
  "use strict";
  const $ = (selector, within = document) => within.querySelector(selector);
  const $$ = (selector, within = document) => Array.from(within.querySelectorAll(selector));
  const make = (tag, text, name) => {
    const element = document.createElement(tag);
    if (text !== undefined) element.textContent = text;
    if (name) element.className = name;
    return element;
  };

  // Find and filter
  const tools = $("#tools"), search = $("#search"), said = $("#said"), differ = $("#differ");
  const cases = $$("details[data-verdicts]"), groups = $$(".of-obligation"), rows = $$(".matrix tbody tr:not(.group)");
  let index = null;
  const words = (element) => element.textContent.toLowerCase().replace(/\s+/g, " ");
  const indexed = () => index || (index = new Map([
    ...cases.map((one) => [one, words($("summary", one)) + " " + words($(".facts", one)) + " " + words($(".reasons", one) || make("p"))]),
    ...rows.map((row) => [row, words(row)]),
  ]));
  const filter = () => {
    const wanted = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const verdicts = new Set($$("input[name=verdict]:checked", tools).map((box) => box.value));
    const texts = wanted.length ? indexed() : null;
    const holds = (element) => !texts || wanted.every((word) => texts.get(element).includes(word));
    let shown = 0;
    for (const one of cases) {
      const found = (one.dataset.verdicts || "").split(" ");
      const fits = found.some((verdict) => verdicts.has(verdict || "SKIP"))
        && (!differ.checked || new Set(found).size > 1) && holds(one);
      one.hidden = !fits;
      shown += fits;
    }
    for (const group of groups) group.hidden = !$("details[data-verdicts]:not([hidden])", group);
    for (const row of rows) row.hidden = !holds(row);
    said.textContent = shown === cases.length ? `${shown} cases` : `${shown} of ${cases.length} cases`;
  };
  if (tools) {
    tools.hidden = false;
    let timer = 0;
    tools.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(filter, 60); });
    $("#clear").addEventListener("click", () => {
      search.value = "";
      differ.checked = false;
      for (const box of $$("input[name=verdict]", tools)) box.checked = true;
      filter();
      search.focus();
    });
    document.addEventListener("keydown", (event) => {
      const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName);
      if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
        event.preventDefault();
        search.focus();
      } else if (event.key === "Escape" && event.target === search) {
        search.value = "";
        filter();
      }
    });
  }

  // A link to what is hidden or folded shows it.
  const reveal = () => {
    let id = "";
    try { id = decodeURIComponent(location.hash.slice(1)); } catch { return; }
    const target = id && document.getElementById(id);
    if (!target) return;
    for (let at = target; at; at = at.parentElement) {
      at.hidden = false;
      if (at.tagName === "DETAILS") at.open = true;
    }
    target.scrollIntoView();
  };
  addEventListener("hashchange", reveal);

  // Octets and fields: what one points at is marked in both; a click keeps the mark.
  document.addEventListener("click", (event) => {
    const one = event.target.closest("td.said i, td.said dt");
    if (!one) return;
    const cell = one.closest("td.said");
    const number = one.tagName === "DT" ? $$("dt", cell).indexOf(one) + 1 : Number(one.className.match(/\d+/g).pop());
    const field = $$("dt", cell)[number - 1];
    const on = field && !field.classList.contains("on");
    for (const old of $$(".on", cell)) old.classList.remove("on");
    if (on) for (const part of [field, ...$$(`i.f${number}`, cell)]) part.classList.add("on");
  });

  // The messages that the page holds compressed
  let archive = null;
  const unpack = () => archive || (archive = (async () => {
    const octets = Uint8Array.from(atob($("#archive").textContent), (letter) => letter.charCodeAt(0));
    const stream = new Blob([octets]).stream().pipeThrough(new DecompressionStream("gzip"));
    return JSON.parse(await new Response(stream).text());
  })());
  const named = (of) => `${$(".id", of.closest(".case")).textContent} on ${$("h5", of).textContent}`;
  const pairs = (digits) => (digits.toUpperCase().match(/../g) || []);
  const spell = (cell, octets, fields) => {
    const line = make("code", undefined, "o"), all = pairs(octets);
    const marks = fields.map((field, at) => ({ from: field[2], to: field[3], name: `f${at + 1}` }))
      .filter((mark) => mark.from >= 0 && mark.to > mark.from && mark.to <= all.length);
    const ends = [...new Set([0, all.length, ...marks.flatMap((mark) => [mark.from, mark.to])])].sort((a, b) => a - b);
    for (let at = 1; at < ends.length; at += 1) {
      const [from, to] = [ends[at - 1], ends[at]], said = all.slice(from, to).join(" ");
      const names = marks.filter((mark) => mark.from <= from && to <= mark.to).map((mark) => mark.name);
      line.append(names.length ? make("i", said, names.join(" ")) : said, " ");
    }
    if (all.length) cell.append(line);
    if (!fields.length) return;
    const list = make("dl");
    for (const [name, value, from, to] of fields) {
      const meaning = make("dd", value);
      if (from >= 0) meaning.prepend(make("small", to - from > 1 ? `${from}\u2013${to - 1}` : `${from}`), " ");
      const label = make("dt", name);
      label.tabIndex = 0;
      list.append(label, meaning);
    }
    cell.append(list);
  };
  const messages = (held, place) => {
    const exchange = held.exchanges[held.places[place][0]], found = [];
    for (let at = 0, time = 0; at < exchange.length; at += 2) {
      const [sender, receiver, said, arrived] = held.lines[exchange[at]];
      const [protocol, name, octets, ...rest] = held.bodies[said], fields = [];
      time += exchange[at + 1];
      for (let i = 0; i < rest.length; i += 4) fields.push([held.words[rest[i]], rest[i + 1], rest[i + 2], rest[i + 3]]);
      found.push({
        number: at / 2 + 1, time: (time / 1000).toFixed(3), sender: held.words[sender], receiver: held.words[receiver],
        protocol: held.words[protocol], name: held.words[name], octets, fields, arrived,
      });
    }
    return found;
  };
  const lines = (found) => {
    const body = make("tbody");
    for (const one of found) {
      const row = make("tr"), label = make("td", one.name), last = make("td", undefined, "said");
      if (!one.arrived) label.append(" ", make("em", "lost"));
      spell(last, one.octets, one.fields);
      row.append(make("td", one.number), make("td", one.time), make("td", one.sender),
        make("td", one.receiver), make("td", one.protocol), label, last);
      body.append(row);
    }
    return body;
  };
  const table = (held, of) => {
    const region = make("div", undefined, "scroll"), whole = make("table", undefined, "messages");
    const head = make("thead"), top = make("tr");
    for (const name of ["No.", "Time, s", "From", "To", "Protocol", "Message", "Octets and fields"]) {
      const cell = make("th", name);
      cell.scope = "col";
      top.append(cell);
    }
    head.append(top);
    region.tabIndex = 0;
    region.setAttribute("role", "group");
    region.setAttribute("aria-label", `All messages of ${named(of)}`);
    whole.append(head, lines(messages(held, of.id)));
    region.append(whole);
    return region;
  };
  // The sequence chart of an exchange: the same shapes as conformance/chart.py draws.
  const GUTTER = 118, ROW = 25, HEAD = 46, LINE = 14, LONG = 20, DIVIDER = 38, GLYPH = 6.1, BOLD = 7.2,
    MIN = 96, MAX = 230, AGAIN = 24, FOLD = 8;
  const width = (text) => Math.trunc(Array.from(text).length * GLYPH) + 30;
  const short = (text, room) => {
    const letters = Array.from(text), most = Math.trunc(room / GLYPH);
    return letters.length <= most ? text : letters.slice(0, most - 1).join("") + "\u2026";
  };
  const parted = (name) => {
    const letters = Array.from(name), spaces = letters.flatMap((sign, at) => sign === " " ? [at] : []);
    if (letters.length < LONG || !spaces.length) return [name];
    const off = (at) => Math.abs(2 * at - letters.length);
    const middle = spaces.reduce((best, at) => off(at) < off(best) ? at : best);
    return [letters.slice(0, middle).join(""), letters.slice(middle + 1).join("")];
  };
  const nameWidth = (name) =>
    Math.min(Math.trunc(Math.max(...parted(name).map((line) => Array.from(line).length)) * BOLD) + 14, MAX);
  const shortName = (name) => {
    const letters = Array.from(name), half = Math.trunc(Math.trunc((MAX - 14) / BOLD) / 2);
    return letters.length <= 2 * half ? name : letters.slice(0, half).join("") + "\u2026" + letters.slice(1 - half).join("");
  };
  const talk = (one) => [one.sender, one.receiver].sort().concat(one.protocol).join("\u0000");
  const runs = (found, mark) => {
    const talks = [];
    for (const one of found) {
      const last = talks[talks.length - 1];
      if (last && talk(last[0]) === talk(one)) last.push(one);
      else talks.push([one]);
    }
    return talks.flatMap((run) => run.length >= FOLD && run.every((one) => one.arrived && one.number !== mark)
      ? [run] : run.map((one) => [one]));
  };
  const chart = (held, of) => {
    const [, steps, bad, mark, ...counts] = held.places[of.id], all = messages(held, of.id);
    const texts = held.steps[steps].map((word) => held.words[word]), shares = [];
    let begun = 0;
    for (const count of counts) { shares.push(all.slice(begun, begun + count)); begun += count; }
    if (begun < all.length) shares.push([...(shares.pop() || []), ...all.slice(begun)]);
    const shown = texts.map((text, at) => ({ text, found: shares[at] || [], bad: at + 1 === bad }))
      .filter((step) => step.found.length || step.bad);
    const parties = [...new Set(all.flatMap((one) => [one.sender, one.receiver]))];
    const rank = new Map(parties.map((party, at) => [party, at]));
    const spread = parties.map(nameWidth);
    const room = spread.map((one, at) => Math.max(MIN, Math.floor((one + (spread[at + 1] || one)) / 2)));
    for (const one of all) {
      const [low, high] = [rank.get(one.sender), rank.get(one.receiver)].sort((a, b) => a - b);
      if (high - low <= 1) room[low] = Math.max(room[low], width(one.name));
    }
    const lanes = new Map();
    let x = GUTTER + Math.floor(Math.max(MIN, spread[0]) / 2);
    parties.forEach((party, at) => { lanes.set(party, x); x += Math.min(room[at], MAX); });
    const wide = Math.max(...parties.map((party) => lanes.get(party) + Math.floor(Math.max(MIN, nameWidth(party)) / 2)),
      ...shown.map((step) => width(step.text + " - did not hold")));
    const paths = { band: "", "bad-band": "", mark: "", pole: "", sent: "", gone: "", head: "", cross: "" }, looks = new Map();
    const text = (look, at, down, said) => looks.set(look, [...(looks.get(look) || []), [at, down, said]]);
    const timed = all.some((one) => Number(one.time));
    let y = 0, rows = 0;
    const names = () => {
      y += HEAD;
      rows = 0;
      for (const [name, at] of lanes) {
        parted(name).reverse().forEach((line, above) => text("lane", at, y - 12 - LINE * above, shortName(line)));
      }
    };
    const label = (said, space) => short(said, Math.max(space, MIN) + 40);
    const draw = (run) => {
      const first = run[0], last = run[run.length - 1], begin = lanes.get(first.sender), end = lanes.get(first.receiver);
      const [low, high] = begin < end ? [begin, end] : [end, begin], middle = Math.floor((begin + end) / 2);
      text("no", 48, y + 4, run.length > 1 ? `${first.number}-${last.number}` : `${first.number}`);
      if (timed) text("time", 112, y + 4, `${last.time} s`);
      if (run.length > 1) {
        const said = `${run.length}\u00d7 ${first.protocol}: ${first.name} \u2026 ${last.name}`;
        paths.band += `M${low} ${y - 13}h${Math.max(high - low, 26)}v20H${low}z`;
        if (low === high) text("to", low + 32, y + 1, said);
        else text("msg", Math.floor((low + high) / 2), y + 1, label(said, high - low));
        return;
      }
      if (first.number === mark) {
        paths.mark += `M0 ${y - 16}h${wide}v23H0z`;
        text("gone", 120, y + 4, "first divergence");
      }
      if (begin === end) {
        paths.sent += `M${begin} ${y - 6}h26v10h-22`;
        paths.head += `M${begin} ${y + 4}l8-4v8z`;
        text("to", begin + 32, y + 3, first.name);
        return;
      }
      const toward = end > begin ? 1 : -1;
      text("msg", middle, y - 4, label(first.name, high - low));
      if (first.arrived) {
        paths.sent += `M${begin} ${y}H${end - 7 * toward}`;
        paths.head += `M${end} ${y}l${-8 * toward}-4v8z`;
      } else {
        const stop = Math.round(begin + (end - begin) * 0.72);
        paths.gone += `M${begin} ${y}H${stop - 7 * toward}`;
        paths.cross += `M${stop - 5} ${y - 5}l10 10m0-10l-10 10`;
        text("gone", stop + (toward > 0 ? 10 : -30), y + 4, "lost");
      }
    };
    for (const step of shown) {
      if (!y || rows >= AGAIN) names();
      const words = step.text + (step.bad ? " - did not hold" : "");
      if (words) {
        y += DIVIDER;
        paths[step.bad ? "bad-band" : "band"] += `M0 ${y - 23}h${wide}v20H0z`;
        text(step.bad ? "bad" : "step", 8, y - 9, words);
      }
      for (const run of runs(step.found, mark)) { rows += 1; y += ROW; draw(run); }
    }
    names();
    for (const at of lanes.values()) paths.pole += `M${at} ${HEAD - 4}V${y - HEAD + 14}`;
    return picture(of, wide, y, paths, looks);
  };
  const picture = (of, wide, high, paths, looks) => {
    const shape = (tag, facts) => {
      const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
      for (const [name, value] of Object.entries(facts)) element.setAttribute(name, value);
      return element;
    };
    const svg = shape("svg", { class: "chart", role: "img", width: wide, height: high, viewBox: `0 0 ${wide} ${high}` });
    const title = shape("title", {}), box = make("div", undefined, "scroll");
    title.textContent = `Messages of ${named(of)}`;
    svg.append(title);
    for (const [look, d] of Object.entries(paths)) if (d) svg.append(shape("path", { class: look, d }));
    for (const [look, texts] of looks) {
      const group = shape("g", { class: look });
      for (const [x, y, said] of texts) {
        const element = shape("text", { x, y });
        element.textContent = said;
        group.append(element);
      }
      svg.append(group);
    }
    box.tabIndex = 0;
    box.setAttribute("role", "group");
    box.setAttribute("aria-label", `Sequence chart of ${named(of)}`);
    box.append(svg);
    return box;
  };
  const states = (held, of) => {
    const list = make("ol");
    for (const state of held.trails[of.id]) list.append(make("li", held.words[state]));
    return list;
  };
  const changes = (held, of) => {
    const region = make("div", undefined, "scroll"), whole = make("table", undefined, "records");
    const head = make("thead"), top = make("tr"), body = make("tbody"), found = held.records[of.id];
    for (const name of ["Record", "Before", "After"]) {
      const cell = make("th", name);
      cell.scope = "col";
      top.append(cell);
    }
    for (let at = 0; at < found.length; at += 3) {
      const [place, before, after] = found.slice(at, at + 3).map((word) => held.words[word]);
      const row = make("tr"), label = make("th", place);
      label.scope = "row";
      row.append(label);
      for (const [tag, text] of [["del", before], ["ins", after]]) {
        const cell = make("td");
        cell.append(text ? make(tag, text) : make("span", "none", "soft"));
        row.append(cell);
      }
      body.append(row);
    }
    region.tabIndex = 0;
    region.setAttribute("role", "group");
    region.setAttribute("aria-label", `Records of ${named(of)}`);
    head.append(top);
    whole.append(head, body);
    region.append(whole);
    return region;
  };
  if ($("#archive") && typeof DecompressionStream === "function") {
    const offer = (note, title, content) => {
      const box = make("details", undefined, "inner");
      box.append(make("summary", title));
      box.addEventListener("toggle", async () => {
        if (!box.open || box.dataset.filled) return;
        box.dataset.filled = "yes";
        const held = await unpack();
        for (const part of content) box.append(part(held, note.of));
      });
      note.replaceWith(box);
    };
    for (const note of $$("[data-count], [data-states], [data-records]")) {
      note.of = note.closest(".result");
      if (note.dataset.records) offer(note, `What became of records (${note.dataset.records})`, [changes]);
      else if (note.dataset.states) offer(note, `States it went through (${note.dataset.states})`, [states]);
      else if (note.of.querySelector("svg")) offer(note, `All ${note.dataset.count} messages, with octets and fields`, [table]);
      else offer(note, `All ${note.dataset.count} messages: sequence chart, octets and fields`, [chart, table]);
    }
  }
  reveal();
  document.documentElement.dataset.ready = "yes";
})();
