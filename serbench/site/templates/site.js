"use strict";
(() => {
  const root = document.documentElement;
  const kept = {
    get: () => { try { return localStorage.getItem("serbench-theme"); } catch { return null; } },
    set: (theme) => { try { localStorage.setItem("serbench-theme", theme); } catch { /* not kept */ } },
  };
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
    const value = (row, at, number) => {
      const text = row.cells[at].dataset.v ?? row.cells[at].textContent.trim();
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

  document.addEventListener("DOMContentLoaded", () => {
    const button = document.getElementById("theme");
    if (button) toggle(button);
    document.querySelectorAll("table.board").forEach(sortable);
    const table = document.getElementById("board");
    const form = document.querySelector("form.controls");
    if (table && form) filterable(table, form);
  });
})();
