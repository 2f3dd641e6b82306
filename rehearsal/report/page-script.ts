/**
 * Reads the values under the pointer, or with the arrow keys, in every plot at once. The page is whole without it.
 * Text goes into the page as text, never as markup.
 */
export const PAGE_SCRIPT = `
'use strict';
(() => {
  const data = JSON.parse(document.getElementById('readings').textContent);
  const minutes = Math.max(0, ...data.rows.map((row) => row.values.length));
  if (minutes === 0) return;
  const plots = [...document.querySelectorAll('.canvas')].map((canvas) => {
    const make = (tag, name) => { const element = document.createElement(tag); element.className = name; element.hidden = true; canvas.append(element); return element; };
    const tip = make('div', 'tip');
    tip.setAttribute('role', 'status');
    return { canvas, from: Number(canvas.dataset.from), to: Number(canvas.dataset.to), cross: make('div', 'cross'), tip };
  });
  const hide = () => { for (const plot of plots) { plot.cross.hidden = true; plot.tip.hidden = true; } };
  const clock = (time) => new Date(time * 1000).toISOString().slice(0, 16).replace('T', ' ') + ' UTC';
  let shown = 0;
  const read = (minute, at) => {
    shown = Math.min(minutes - 1, Math.max(0, minute));
    const time = data.from + shown * data.step;
    for (const plot of plots) {
      const share = (time + data.step / 2 - plot.from) / (plot.to - plot.from);
      plot.cross.style.left = share * 100 + '%';
      plot.cross.hidden = false;
      plot.tip.hidden = plot !== at;
      if (plot !== at) continue;
      const title = document.createElement('b');
      title.textContent = clock(time);
      plot.tip.replaceChildren(title, ...data.rows.map((row) => {
        const line = document.createElement('div');
        const label = document.createElement('span');
        const value = document.createElement('span');
        label.textContent = row.label;
        label.className = row.tone;
        const found = row.values[shown];
        value.textContent = found === null || found === undefined ? '\\u2013' : found.toLocaleString('en-US');
        line.append(label, value);
        return line;
      }));
      const width = plot.canvas.clientWidth;
      const x = share * width;
      const left = x + 14 + plot.tip.offsetWidth <= width ? x + 14 : x - 14 - plot.tip.offsetWidth;
      plot.tip.style.left = Math.max(-30, left) + 'px';
    }
  };
  for (const plot of plots) {
    const point = (event) => {
      const box = plot.canvas.getBoundingClientRect();
      const time = plot.from + ((event.clientX - box.left) / box.width) * (plot.to - plot.from);
      read(Math.floor((time - data.from) / data.step), plot);
    };
    plot.canvas.addEventListener('pointermove', point);
    plot.canvas.addEventListener('pointerdown', point);
    plot.canvas.addEventListener('pointerleave', hide);
    plot.canvas.addEventListener('blur', hide);
    plot.canvas.addEventListener('keydown', (event) => {
      const move = { ArrowLeft: -1, ArrowRight: 1, PageUp: -60, PageDown: 60, Home: -Infinity, End: Infinity }[event.key];
      if (event.key === 'Escape') hide();
      if (move === undefined) return;
      event.preventDefault();
      read(shown + move, plot);
    });
  }
})();
`;
