/**
 * Style sheet of the report, both colour schemes. The forecaster is blue, naive orange, the rest greys told apart by their labels;
 * text has at least 4.5:1 against what it stands on.
 */
export const STYLE = `
:root{color-scheme:light dark;--page:#f4f6f8;--card:#fff;--ink:#17212b;--soft:#52606d;--line:#dde3e8;--grid:#e9edf1;--m0:#0b5fb0;--m1:#b04a00;--m2:#7b8794;--m3:#4f9d8f;--band:#0b5fb0;--actual:#17212b;--mark:#c4125d}
@media (prefers-color-scheme:dark){:root{--page:#0e141a;--card:#161e26;--ink:#e6ecf1;--soft:#a2b0bd;--line:#2c3843;--grid:#232d37;--m0:#67b2ff;--m1:#f7a357;--m2:#8fa0ae;--m3:#67c7b6;--band:#67b2ff;--actual:#e6ecf1;--mark:#ff6ea6}}
*{box-sizing:border-box}
body{margin:0 auto;padding:28px 24px 40px;max-width:1160px;background:var(--page);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;font-variant-numeric:tabular-nums;overflow-wrap:break-word}
h1,h2,p,figure{margin:0}
h1{font-size:26px;line-height:1.2}
h2{font-size:18px;line-height:1.3}
.soft,figcaption p{color:var(--soft);max-width:104ch}
section,figure{margin-top:18px;padding:18px 20px;background:var(--card);border:1px solid var(--line);border-radius:10px}
.scroll{overflow-x:auto;margin-top:10px}
table{border-collapse:collapse;font-size:14px;min-width:100%}
th,td{padding:4px 10px;text-align:right;border-bottom:1px solid var(--grid);white-space:nowrap}
th{color:var(--soft);font-weight:600}
th:first-child,td:first-child{text-align:left}
tr.ours td,tr.ours th{font-weight:700;color:var(--m0)}
svg{display:block;width:100%;height:auto;margin-top:10px;font:12px system-ui,sans-serif}
svg text{fill:var(--soft)}
.grid{stroke:var(--grid)}.axis{stroke:var(--line)}
.mark{stroke:var(--mark);stroke-dasharray:4 3}
.m0{fill:var(--m0)}.m1{fill:var(--m1)}.m2{fill:var(--m2)}.m3{fill:var(--m3)}
.l0,.l1{fill:none;stroke-width:2}.l0{stroke:var(--m0)}.l1{stroke:var(--m1)}
.b95{fill:var(--band);opacity:.16}.b80{fill:var(--band);opacity:.28}
.median{fill:none;stroke:var(--band);stroke-width:1.6}.actual{fill:none;stroke:var(--actual);stroke-width:1.3}
.better{fill:var(--m0)}.worse{fill:var(--m1)}
.key{display:flex;gap:16px;flex-wrap:wrap;font-size:13px;color:var(--soft);margin-top:8px}
.key i{display:inline-block;width:12px;height:12px;border-radius:3px;margin-right:6px;vertical-align:-1px}
.fans{display:grid;grid-template-columns:repeat(auto-fit,minmax(480px,1fr));gap:0 18px}
@media (max-width:560px){.fans{grid-template-columns:1fr}}
`;
