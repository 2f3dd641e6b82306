/**
 * The report's style sheet. Both colour schemes; every text colour has at least 4.5:1 against what it stands on; the two policies are blue and
 * orange, which every common form of colour blindness tells apart, and every line is named beside its end as well.
 */
export const PAGE_STYLE = `
:root{color-scheme:light dark;--page:#f4f6f8;--card:#fff;--ink:#17212b;--soft:#52606d;--line:#dde3e8;--grid:#e9edf1;--reactive:#b04a00;--predictive:#0b5fb0;--forecast:#6a4fb3;--demand:#46535f;--violation:#c4125d;--good:#136b41;--bad:#b3201a;--open:#7d5500;--good-bg:#e2f4ea;--bad-bg:#fce8e6;--open-bg:#fbf0d6;--none-bg:#edf0f3}
@media (prefers-color-scheme:dark){:root{--page:#0e141a;--card:#161e26;--ink:#e6ecf1;--soft:#a2b0bd;--line:#2c3843;--grid:#232d37;--reactive:#f7a357;--predictive:#67b2ff;--forecast:#b8a2f5;--demand:#b9c4ce;--violation:#ff6ea6;--good:#5fd39a;--bad:#ff8f86;--open:#ecc15c;--good-bg:#123425;--bad-bg:#40191a;--open-bg:#392c0c;--none-bg:#232d37}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;scroll-padding-top:12px}
body{margin:0 auto;padding:28px 24px 40px;max-width:1160px;background:var(--page);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;font-variant-numeric:tabular-nums;overflow-wrap:break-word}
h1,h2,h3,h4,p,ul,ol,dl,dd,figure{margin:0;padding:0}
ul,ol{list-style:none}
h1{font-size:26px;line-height:1.2;letter-spacing:-.01em}
h2{font-size:19px;line-height:1.3}
h3{font-size:16px;line-height:1.35}
h4{font-size:14px;text-transform:capitalize}
a{color:var(--predictive)}
code{font:12.5px/1.45 ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace;overflow-wrap:anywhere}
summary{cursor:pointer;color:var(--soft);width:fit-content;padding:2px 0}
summary:hover{color:var(--ink)}
:focus-visible{outline:2px solid var(--predictive);outline-offset:2px;border-radius:4px}
.soft,.note{color:var(--soft)}
.quiet,.skip:not(:focus){position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.reactive{color:var(--reactive)}.predictive{color:var(--predictive)}.violated{color:var(--violation);font-weight:600}
.big{font-size:22px}
.brand{display:flex;align-items:center;gap:8px;color:var(--soft);font-weight:600;margin-bottom:14px}
.brand svg{fill:none}
.brand .line{fill:none;stroke-width:2.4;stroke-linecap:round}
.top .soft{margin-top:6px}
.verdict{margin:20px 0 14px;padding:18px 20px;background:var(--card);border:1px solid var(--line);border-left:5px solid var(--good);border-radius:10px}
.verdict.failed{border-left-color:var(--bad)}
.verdict h2{font-size:21px;margin:6px 0 8px;text-wrap:pretty}
.verdict p+p{margin-top:6px}
.status{font-weight:700;color:var(--good);display:flex;gap:10px;align-items:center;flex-wrap:wrap}
.failed .status{color:var(--bad)}
.level{display:inline-block;vertical-align:2px;font-size:12px;line-height:18px;font-weight:500;color:var(--soft);border:1px solid var(--line);border-radius:9px;padding:0 8px;white-space:nowrap;letter-spacing:0}
.tiles{display:grid;grid-template-columns:repeat(4,1fr);gap:12px}
.tile{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:12px 16px}
.tile dt{color:var(--soft);font-size:13px;font-weight:600}
.tile .row{display:flex;align-items:baseline;gap:6px;font-size:13px}
.tile b{font-size:22px;line-height:1.35;letter-spacing:-.01em}
.tile .reactive b{font-size:17px}
.tile .soft{font-size:13px}
.glance{display:grid;grid-template-columns:repeat(6,1fr);margin:12px 0 0;background:var(--card);border:1px solid var(--line);border-radius:10px;overflow:hidden}
.glance a{display:block;height:100%;padding:9px 14px;color:inherit;text-decoration:none;border-left:1px solid var(--line);margin-left:-1px}
.glance a:hover{background:var(--page)}
.glance span,.glance b{display:block;font-size:13px}
.card,.plot{margin-top:18px;padding:18px 20px;background:var(--card);border:1px solid var(--line);border-radius:10px}
.card>h2{margin-bottom:8px}.card>h3{margin:16px 0 6px}
.plot figcaption p{color:var(--soft);max-width:104ch;margin-top:2px}
.plot details{margin-top:8px}
.panel{display:grid;grid-template-columns:44px minmax(0,1fr) 138px;grid-template-rows:auto auto var(--height) auto;margin-top:10px;position:relative}
.panel-head{grid-column:2/4;grid-row:1;font-size:14px;margin-bottom:2px}
.panel-head b{margin-right:4px}.panel-head span:not(.violated){color:var(--soft)}
.unit{grid-column:1/4;grid-row:2;font-size:12px;color:var(--soft);margin-bottom:6px}
.y{grid-column:1;grid-row:3;position:relative}
.y span{position:absolute;right:8px;transform:translateY(-50%);font-size:12px;line-height:1;color:var(--soft)}
.canvas{grid-column:2;grid-row:3;position:relative;min-width:0;touch-action:pan-y}
.canvas svg{display:block;width:100%;height:var(--height)}
.ends{grid-column:3;grid-row:3;position:relative}
.ends span{position:absolute;left:8px;transform:translateY(-50%);font-size:12.5px;line-height:1;font-weight:600;white-space:nowrap}
.ends .demand,.legend .demand{color:var(--demand)}.ends .forecast{color:var(--forecast)}
.ends .simulated-reactive{color:var(--reactive);font-weight:400}.ends .simulated-predictive{color:var(--predictive);font-weight:400}
.x{grid-column:2;grid-row:4;position:relative;height:38px}
.x.bare{height:6px}
.x span{position:absolute;top:6px;transform:translateX(-50%);font-size:12px;line-height:14px;color:var(--soft);text-align:center;white-space:nowrap}
.x small{display:block;font-size:12px;font-weight:600}
.canvas path{vector-effect:non-scaling-stroke;fill:none}
.grid{stroke:var(--grid)}.axis{stroke:var(--soft);stroke-width:1}
.line{stroke-width:1.6;stroke-linejoin:round}
.line.demand{stroke:var(--demand);stroke-width:1.1}
.line.reactive{stroke:var(--reactive);stroke-width:1.9}.line.predictive{stroke:var(--predictive);stroke-width:1.9}.line.forecast{stroke:var(--forecast)}
.line.simulated-reactive,.line.simulated-predictive{stroke-width:1.2;stroke-dasharray:2 3}
.line.simulated-reactive{stroke:var(--reactive)}.line.simulated-predictive{stroke:var(--predictive)}
.canvas .fill.demand{fill:var(--demand);opacity:.13}
.canvas .band.forecast{fill:var(--forecast);opacity:.24}.canvas .band.faint{opacity:.16}
.canvas .violation{fill:var(--violation);opacity:.2}.canvas .violation-mark{fill:var(--violation)}
.legend{display:flex;flex-wrap:wrap;gap:2px 14px;margin-top:8px;font-size:12.5px;color:var(--soft)}
.legend li{display:none;align-items:center;gap:6px}.legend li.always{display:flex}
.key{display:inline-block;width:18px;height:0;border-top:2px solid currentColor}
.key.block,.key.shade{height:11px;border:0;background:currentColor;opacity:.4}.key.shade{opacity:.25}.key.faint{opacity:.2}
.key.forecast{color:var(--forecast)}.key.violation-key{color:var(--violation);border-top:3px solid var(--violation);background:color-mix(in srgb,var(--violation) 25%,transparent);opacity:1}
.key.simulated-reactive{color:var(--reactive);border-top:2px dotted}.key.simulated-predictive{color:var(--predictive);border-top:2px dotted}
.cross{position:absolute;top:0;bottom:0;width:0;border-left:1px solid var(--ink);opacity:.55;pointer-events:none}
.tip{position:absolute;z-index:2;top:4px;pointer-events:none;background:var(--card);border:1px solid var(--line);border-radius:8px;box-shadow:0 4px 14px rgb(0 0 0/.18);padding:6px 10px;font-size:12.5px;line-height:1.45;white-space:nowrap}
.tip b{display:block}.tip div{display:flex;justify-content:space-between;gap:14px}.tip .forecast{color:var(--forecast)}.tip .demand{color:var(--demand)}
[hidden]{display:none!important}
.scroll{overflow-x:auto;margin-top:10px;max-width:100%}
table{border-collapse:collapse;width:100%;font-size:13.5px}
caption{text-align:left;color:var(--soft);font-size:13px;padding-bottom:4px}
th,td{padding:6px 14px 6px 0;border-bottom:1px solid var(--line);text-align:left;vertical-align:top}
thead th{white-space:nowrap;color:var(--soft);font-weight:600;font-size:12.5px;vertical-align:bottom}
tbody tr:last-child>*{border-bottom:0}
.data td,.data th:not(:first-child){text-align:right}
.data th,.data td{white-space:nowrap}.data tbody th{font-weight:400}
.data td:last-child,.data th:last-child{padding-right:2px}
.number{white-space:nowrap}.scroll table:not(.data){min-width:760px}
.columns{display:grid;grid-template-columns:1fr 1fr;gap:8px 32px}
.pairs{display:grid;grid-template-columns:minmax(120px,max-content) 1fr;gap:2px 16px;font-size:13.5px}
.pairs dt{color:var(--soft);overflow-wrap:anywhere}.pairs dd{min-width:0;overflow-wrap:anywhere}
.pill{display:inline-block;justify-self:start;align-self:start;font-size:12px;line-height:20px;font-weight:600;padding:0 8px;border-radius:10px;white-space:nowrap;background:var(--none-bg);color:var(--soft)}
.pill.good{background:var(--good-bg);color:var(--good)}.pill.bad{background:var(--bad-bg);color:var(--bad)}.pill.open{background:var(--open-bg);color:var(--open)}
.checks,.stages,.events{margin-top:10px}
.checks>li{display:grid;grid-template-columns:118px minmax(0,1fr);gap:10px;padding:7px 0;border-top:1px solid var(--line)}
.checks div>b{margin-right:6px}.checks .soft{font-size:13px;margin-right:8px}
.faults>li{padding:8px 0}
.fault{display:grid;grid-template-columns:62px minmax(0,1fr);gap:1px 10px;font-size:13.5px;padding-left:10px;border-left:3px solid var(--line)}
.fault dt{color:var(--soft)}.fault dd{overflow-wrap:anywhere}
.budget{margin-top:12px;max-width:560px}
.bar{position:relative;height:14px;border-radius:7px;background:var(--none-bg);overflow:hidden}
.bar i{position:absolute;top:0;bottom:0}
.budget p{margin-top:4px}.bar .filled{left:0;background:var(--predictive)}.bar .filled.over{background:var(--bad)}.bar .range{background:var(--predictive);opacity:.35}.bar .limit{width:2px;background:var(--ink)}
.stages li{display:grid;grid-template-columns:84px minmax(100px,170px) 84px minmax(0,1fr);gap:2px 12px;align-items:center;padding:5px 0;border-top:1px solid var(--line)}
.time{text-align:right;color:var(--soft);font-size:13px;white-space:nowrap}
.meter{height:8px;border-radius:4px;background:var(--none-bg);overflow:hidden}.meter i{display:block;height:100%;min-width:2px;background:var(--soft);border-radius:4px}
.stages .detail{grid-column:2/5;color:var(--soft);font-size:13px;overflow-wrap:anywhere}
.events li{display:grid;grid-template-columns:72px minmax(0,1fr);gap:12px;padding:5px 0;border-top:1px solid var(--line)}
footer{margin-top:26px;font-size:13px}
@media (max-width:760px){
body{padding:18px 12px 32px;font-size:14.5px}
h1{font-size:22px}.verdict h2{font-size:18px}
.verdict,.card,.plot{padding:14px}
.tiles{grid-template-columns:1fr 1fr;gap:8px}.tile{padding:10px 12px}
.glance{grid-template-columns:1fr 1fr}.glance a{border-top:1px solid var(--line);margin-top:-1px}
.panel{grid-template-columns:36px minmax(0,1fr) 0}.panel-head{grid-column:1/4}.ends{display:none}
.legend li{display:flex}
.x .wide{display:none}
.columns{grid-template-columns:1fr}
.checks>li{grid-template-columns:1fr;gap:4px}
.stages li{grid-template-columns:84px minmax(0,1fr) auto}.meter{display:none}.stages .detail{grid-column:1/4}
.pairs{grid-template-columns:minmax(0,1fr) minmax(0,1fr)}
}
@media print{
:root{color-scheme:light;--page:#fff;--card:#fff;--ink:#000;--soft:#444;--line:#ccc;--grid:#e5e5e5;--reactive:#b04a00;--predictive:#0b5fb0;--forecast:#6a4fb3;--demand:#46535f;--violation:#c4125d;--good:#136b41;--bad:#b3201a;--open:#7d5500;--good-bg:#fff;--bad-bg:#fff;--open-bg:#fff;--none-bg:#eee}
body{padding:0;max-width:none;font-size:12px}.card,.plot,.tile,.verdict{break-inside:avoid}.plot details,.skip{display:none}.scroll{overflow:visible}
*{print-color-adjust:exact;-webkit-print-color-adjust:exact}
}
`;
