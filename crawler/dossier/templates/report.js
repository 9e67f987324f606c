"use strict";
// Searching, sorting and folding. The page says the same without it.
(() => {
  const numbers = new Intl.NumberFormat(document.documentElement.lang);
  const tools = document.querySelector(".tools");
  const search = document.getElementById("search");
  const found = document.getElementById("found");
  const fold = document.getElementById("fold");
  const main = document.getElementById("content");
  const isLarge = main.classList.contains("large");
  const groups = [...document.querySelectorAll(".relatives tbody")].map((body) => {
    const rows = [...body.rows].slice(1);
    return { body, rows: rows.map((row) => ({ row, hidden: false, text: row.textContent.toLowerCase() })) };
  });
  const all = groups.reduce((sum, group) => sum + group.rows.length, 0);

  const say = (text, n) => text.replace("{n}", numbers.format(n)).replace("{all}", numbers.format(all));
  const setFolded = (folded) => {
    main.classList.toggle("folded", folded);
    fold.textContent = folded ? fold.dataset.unfold : fold.dataset.fold;
  };
  const filter = () => {
    const wanted = search.value.trim().toLowerCase();
    // A large page is folded until somebody searches: laying out every row takes seconds.
    if (wanted || isLarge) setFolded(!wanted);
    let count = 0;
    for (const { body, rows } of groups) {
      const matching = rows.filter(({ text }) => text.includes(wanted));
      // A group without a match is hidden as a whole: its rows are as they were.
      body.hidden = !matching.length;
      if (matching.length) {
        const shown = new Set(matching);
        for (const one of rows) {
          const hidden = !shown.has(one);
          if (one.hidden !== hidden) one.row.hidden = one.hidden = hidden;
        }
      }
      count += matching.length;
    }
    found.textContent = say(wanted ? found.dataset.found : found.dataset.every, count);
  };

  const order = new Intl.Collator("en", { numeric: true });
  const sort = (head, table) => {
    const column = head.cellIndex;
    const counts = head.classList.contains("number");
    const value = (row) => {
      const text = row.cells[column]?.textContent ?? "";
      return counts ? Number(text.replace(/\D/g, "") || -1) : text;
    };
    const turn = head.getAttribute("aria-sort") === "ascending" ? -1 : 1;
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", turn === 1 ? "ascending" : "descending");
    for (const body of table.tBodies) {
      const rows = [...body.rows].slice(1).map((row) => [value(row), row]);
      rows.sort(([a], [b]) => turn * (counts ? a - b : order.compare(a, b)));
      body.append(...rows.map(([, row]) => row));
    }
  };

  for (const table of document.querySelectorAll(".relatives")) {
    for (const head of table.tHead.rows[0].cells) {
      const button = document.createElement("button");
      button.type = "button";
      button.title = found.dataset.sort.replace("{column}", head.textContent);
      button.textContent = head.textContent;
      button.addEventListener("click", () => sort(head, table));
      head.replaceChildren(button);
    }
  }
  fold.addEventListener("click", () => setFolded(!main.classList.contains("folded")));
  let waiting;
  search.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(filter, 150);
  });
  tools.hidden = !groups.length;
  filter();
})();
