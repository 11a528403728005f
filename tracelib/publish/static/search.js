/* Search without a server. The index is script files (see search_index.py), so that it works from file:// too. */
"use strict";
const catalogueSearch = (() => {
  const own = document.currentScript.dataset;
  const sign = "[\\u3400-\\u4dbf\\u4e00-\\u9fff\\uf900-\\ufaff\\u{20000}-\\u{3ffff}]";
  const runs = new RegExp(`(${sign}+)|((?:(?!${sign})[\\p{L}\\p{N}])+)`, "gu");
  const shownAtOnce = 30, mostShards = 12;
  const shards = new Map(), chunks = new Map(), waiting = new Map();
  let firsts = null, chunk = 1, asked = 0;

  function load(name) {
    if (!waiting.has(name)) {
      waiting.set(name, new Promise((done, failed) => {
        const script = document.createElement("script");
        script.src = own.root + "search/" + name + ".js";
        script.onload = done;
        script.onerror = () => { waiting.delete(name); failed(new Error(name)); };
        document.head.append(script);
      }));
    }
    return waiting.get(name);
  }

  /* The same runs as terms_of in search_index.py: Chinese characters, or letters and digits. */
  function termsOf(text) {
    const terms = [];
    for (const [, chinese, word] of text.normalize("NFKC").toLowerCase().matchAll(runs)) {
      const signs = [...(chinese || "")];
      if (word) terms.push([word.slice(0, 24), true]);
      else if (signs.length === 1) terms.push([chinese, true]);
      else for (let i = 0; i + 1 < signs.length; i++) terms.push([signs[i] + signs[i + 1], false]);
    }
    return terms;
  }

  function shardOf(term) {
    let low = 0, high = firsts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (firsts[middle] <= term) low = middle + 1; else high = middle;
    }
    return Math.max(0, low - 1);
  }

  function addNumbers(found, gaps) {
    let number = -1;
    for (const part of gaps.split(" ")) {
      const [gap, times] = part.split("*");
      for (let n = times ? parseInt(times, 36) : 1; n > 0; n--) found.add(number += parseInt(gap, 36));
    }
  }

  async function numbersOf([term, asBeginning]) {
    const found = new Set(), first = shardOf(term);
    const last = asBeginning ? Math.min(shardOf(term + "\uffff"), first + mostShards - 1) : first;
    for (let n = first; n <= last && n < firsts.length; n++) {
      await load("t" + n);
      for (const [key, gaps] of Object.entries(shards.get(n)))
        if (asBeginning ? key.startsWith(term) : key === term) addNumbers(found, gaps);
    }
    return found;
  }

  async function find(question) {
    await load("directory");
    let found = null;
    for (const term of termsOf(question)) {
      const numbers = await numbersOf(term);
      found = found === null ? numbers : new Set([...found].filter((n) => numbers.has(n)));
      if (!found.size) break;
    }
    const all = [...(found || [])].sort((a, b) => a - b), rows = [];
    for (const number of all.slice(0, shownAtOnce)) {
      const n = Math.floor(number / chunk);
      await load("d" + n);
      rows.push(chunks.get(n)[number % chunk]);
    }
    return { count: all.length, rows };
  }

  function show(list, status, { count, rows }) {
    const english = own.language === "en";
    list.replaceChildren(...rows.map(([page, zh, en, aboutZh, aboutEn]) => {
      const item = document.createElement("li"), link = document.createElement("a"), about = document.createElement("small");
      link.href = own.home + page;
      link.textContent = (english && en) || zh;
      if (english && !en) link.lang = "zh-Hans";
      about.textContent = (english && aboutEn) || aboutZh;
      link.append(about);
      item.append(link);
      return item;
    }));
    status.textContent = count ? status.dataset.found.replace("{count}", count) : status.dataset.none;
  }

  function start() {
    const box = document.querySelector("form[role=search]");
    if (!box) return;
    const field = box.querySelector("input"), list = box.querySelector("ul"), status = box.querySelector("p");
    const answer = async () => {
      const mine = ++asked, question = field.value.trim();
      box.classList.toggle("asking", termsOf(question).length > 0);
      if (!termsOf(question).length) { list.replaceChildren(); status.textContent = ""; return; }
      try {
        const found = await find(question);
        if (mine === asked) show(list, status, found);
      } catch (error) {
        if (mine === asked) status.textContent = status.dataset.failed;
      }
    };
    box.hidden = false;
    box.addEventListener("submit", (event) => { event.preventDefault(); answer(); });
    field.addEventListener("input", answer);
    field.addEventListener("focus", () => load("directory").catch(() => {}), { once: true });
    box.addEventListener("keydown", (event) => {
      const links = [...list.querySelectorAll("a")], at = links.indexOf(document.activeElement);
      if (event.key === "Escape") { field.value = ""; answer(); field.focus(); }
      else if (event.key === "ArrowDown" && links.length) { event.preventDefault(); links[Math.min(at + 1, links.length - 1)].focus(); }
      else if (event.key === "ArrowUp" && at >= 0) { event.preventDefault(); (links[at - 1] || field).focus(); }
    });
    const given = new URLSearchParams(location.search).get("q");
    if (given) { field.value = given; answer(); }
  }

  document.addEventListener("DOMContentLoaded", start);
  return {
    directory(size, terms) { chunk = size; firsts = terms; },
    terms(number, entries) { shards.set(number, entries); },
    documents(number, rows) { chunks.set(number, rows); },
  };
})();
window.catalogueSearch = catalogueSearch;
