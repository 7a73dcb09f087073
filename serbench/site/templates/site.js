"use strict";
(() => {
  const root = document.documentElement;
  root.classList.add("js");
  const keeping = (name) => ({
    get: () => { try { return localStorage.getItem(name); } catch { return null; } },
    set: (value) => { try { localStorage.setItem(name, value); } catch { /* not kept */ } },
  });
  const kept = keeping("serbench-theme");
  const keptColumns = keeping("serbench-columns");
  const night = matchMedia("(prefers-color-scheme: dark)");
  const theme = () => root.dataset.theme || (night.matches ? "dark" : "light");
  const chosen = kept.get();
  if (chosen === "dark" || chosen === "light") root.dataset.theme = chosen;

  function toggle(button) {
    const show = () => {
      const other = theme() === "dark" ? "Light" : "Dark";
      button.textContent = other;
      button.setAttribute("aria-label", other + " colours");
    };
    button.hidden = false;
    button.addEventListener("click", () => {
      root.dataset.theme = theme() === "dark" ? "light" : "dark";
      kept.set(root.dataset.theme);
      show();
    });
    night.addEventListener("change", show);
    show();
  }

  // Rows are sorted within their group: canaries, ranked, not ranked. What has no value comes last.
  function sortable(table) {
    const heads = [...table.tHead.rows[0].cells];
    const order = new Intl.Collator(undefined, { numeric: true });
    // A row without scores has one broad cell in their place: it has no value in any of them.
    const cell = (row, at) => {
      const { cells } = row, broad = cells.length !== heads.length;
      if (!broad || at < cells.length - 2) return cells[at];
      return at === heads.length - 1 ? cells[cells.length - 1] : null;
    };
    const value = (row, at, number) => {
      const found = cell(row, at);
      if (!found) return null;
      const text = found.dataset.v ?? found.textContent.trim();
      return text === "" ? null : number ? Number(text) : text;
    };
    function sort(at, descending) {
      const number = heads[at].dataset.kind === "number";
      for (const body of table.tBodies) {
        const rows = [...body.rows].filter((row) => !row.classList.contains("cut"));
        const keyed = rows.map((row, place) => ({ row, place, v: value(row, at, number) }));
        keyed.sort((a, b) => {
          if (a.v === null || b.v === null) return (a.v === null) - (b.v === null) || a.place - b.place;
          const found = number ? a.v - b.v : order.compare(a.v, b.v);
          return (descending ? -found : found) || a.place - b.place;
        });
        body.append(...keyed.map((one) => one.row));
      }
      for (const head of heads) head.removeAttribute("aria-sort");
      heads[at].setAttribute("aria-sort", descending ? "descending" : "ascending");
    }
    heads.forEach((head, at) => {
      const button = head.querySelector("button.sort");
      if (!button) return;
      button.addEventListener("click", () => {
        const now = head.getAttribute("aria-sort");
        const first = head.dataset.kind === "number";
        sort(at, now === null ? first : now === "ascending");
      });
    });
  }

  function filterable(table, form) {
    const input = form.querySelector("#filter");
    const count = form.querySelector("#count");
    const boxes = [...form.querySelectorAll("input[data-group]")];
    const rows = [...table.tBodies].flatMap((body) => [...body.rows])
      .filter((row) => !row.classList.contains("cut"))
      .map((row) => ({ row, text: row.cells[0].textContent.toLowerCase() }));
    function show() {
      const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      for (const box of boxes) {
        const body = table.querySelector(`tbody[data-group="${box.dataset.group}"]`);
        if (body) body.hidden = !box.checked;
      }
      for (const { row, text } of rows) {
        row.hidden = !words.every((word) => text.includes(word));
        shown += !row.hidden && !row.parentElement.hidden;
      }
      count.textContent = `${shown} of ${rows.length} rows`;
    }
    input.addEventListener("input", show);
    boxes.forEach((box) => box.addEventListener("change", show));
    form.addEventListener("submit", (event) => event.preventDefault());
    show();
  }

  // Columns that are shown when they are asked for; the choice holds for all boards.
  function choosable(table, chooser) {
    const heads = [...table.tHead.rows[0].cells];
    const boxes = [...chooser.querySelectorAll("input[data-column]")];
    const told = chooser.querySelector("#chosen");
    let wanted = [];
    try { wanted = [JSON.parse(keptColumns.get()) ?? []].flat(); } catch { /* none */ }
    function show() {
      for (const box of boxes) {
        const at = heads.findIndex((head) => head.dataset.column === box.dataset.column);
        for (const row of table.rows) {
          if (row.cells.length === heads.length) row.cells[at].classList.toggle("on", box.checked);
        }
      }
      const seen = heads.filter((head) => getComputedStyle(head).display !== "none").length;
      for (const broad of table.querySelectorAll("[data-span]")) {
        broad.colSpan = seen - Number(broad.dataset.span);
      }
      told.textContent = ` (${boxes.filter((box) => box.checked).length} of ${boxes.length})`;
    }
    for (const box of boxes) {
      box.checked = wanted.includes(box.dataset.column);
      box.addEventListener("change", () => {
        const others = wanted.filter((key) => !boxes.some((one) => one.dataset.column === key));
        wanted = [...others, ...boxes.filter((one) => one.checked).map((one) => one.dataset.column)];
        keptColumns.set(JSON.stringify(wanted));
        show();
      });
    }
    show();
  }

  // What is wider than its frame fades out at the side where it goes on, and says so in words.
  function hinted(region) {
    const hint = document.createElement("p");
    hint.className = "hint";
    hint.hidden = true;
    hint.textContent = "Goes on to the right: scroll it sideways";
    region.before(hint);
    const drawn = region.querySelector("svg[role=img]");
    const wide = drawn ? drawn.width.baseVal.value : 0;
    const show = () => {
      if (drawn) {
        const { paddingLeft, paddingRight } = getComputedStyle(region);
        const room = region.clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight);
        const scale = Math.min(1, Math.max(0.7, room / wide));
        drawn.style.width = `${Math.floor(wide * scale)}px`;
      }
      const more = region.scrollWidth - region.clientWidth;
      hint.hidden = more <= 2;
      region.classList.toggle("goes-left", region.scrollLeft > 2);
      region.classList.toggle("goes-right", more - region.scrollLeft > 2);
    };
    region.addEventListener("scroll", show, { passive: true });
    const watch = new ResizeObserver(show);
    watch.observe(region);
    if (region.firstElementChild) watch.observe(region.firstElementChild);
    show();
  }

  function copying(button) {
    const source = document.getElementById(button.dataset.copy);
    const label = button.firstChild;
    button.hidden = false;
    button.addEventListener("click", async () => {
      let done = true;
      try {
        await navigator.clipboard.writeText(source.textContent);
      } catch {
        getSelection().selectAllChildren(source);
        done = document.execCommand("copy");
      }
      label.textContent = done ? "Copied" : "Selected: copy it by the keyboard";
      button.setAttribute("aria-live", "polite");
      setTimeout(() => { label.textContent = "Copy"; }, 3000);
    });
  }

  document.addEventListener("DOMContentLoaded", () => {
    const button = document.getElementById("theme");
    if (button) toggle(button);
    document.querySelectorAll("table.board").forEach(sortable);
    const table = document.getElementById("board");
    const form = document.querySelector("form.controls");
    if (table && form) filterable(table, form);
    const chooser = document.getElementById("choose");
    if (table && chooser) choosable(table, chooser);
    document.querySelectorAll(".scroll").forEach(hinted);
    document.querySelectorAll("button.copy").forEach(copying);
  });
})();
