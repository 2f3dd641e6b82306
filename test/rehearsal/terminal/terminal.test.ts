import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createTerminal, Terminal, TerminalOptions } from '../../../rehearsal/terminal';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }));
afterEach(() => void vi.useRealTimers());

/** A stream that a test reads, with a clock that it winds. */
function played(options: Partial<TerminalOptions> = {}) {
  let now = 0;
  const written: string[] = [];
  const terminal = createTerminal({ stream: { write: (text: string) => written.push(text), columns: 60 }, now: () => now, live: false, colour: false, ...options });
  return {
    terminal,
    wait(ms: number) {
      for (let left = ms; left > 0; left -= 10) {
        now += Math.min(10, left);
        vi.advanceTimersByTime(Math.min(10, left));
      }
    },
    text: () => written.join(''),
    lines: () => written.join('').split('\n').slice(0, -1),
    screen: () => screenOf(written.join('')),
  };
}

/** What a terminal shows: it knows cursor up and erase below, which is all that may be used. */
function screenOf(text: string): string[] {
  const rows = [''];
  let row = 0;
  // eslint-disable-next-line no-control-regex
  for (const token of text.match(/\u001b\[\d*[A-Za-z]|\n|[^\u001b\n]+/g) ?? []) {
    // eslint-disable-next-line no-control-regex
    const move = /^\u001b\[(\d*)([A-Za-z])$/.exec(token);
    if (token === '\n') {
      row += 1;
      rows[row] ??= '';
    } else if (!move) {
      rows[row] += token;
    } else if (move[2] === 'A') {
      row -= Number(move[1]);
    } else if (move[2] === 'J') {
      rows.splice(row, rows.length, '');
    } else if (move[2] !== 'm') {
      throw new Error(`unexpected ${JSON.stringify(token)}`);
    }
  }
  return rows.filter((line, index) => line !== '' || index < rows.length - 1);
}

describe('without a terminal', () => {
  it('tells beginning and end of each step, side by side', () => {
    const { terminal, wait, lines } = played();
    const build = terminal.step('build tools');
    const synth = terminal.step('synthesize');
    wait(1500);
    synth.succeed('54 objects');
    wait(123_400);
    build.fail('kube-apiserver: exit 2');
    terminal.step('kind').skip('not asked for');
    expect(lines().filter((line) => !/build tools: \d/.test(line))).toEqual([
      '.. build tools', '.. synthesize', 'ok synthesize (1.5 s): 54 objects', 'failed build tools (2 min 5 s): kube-apiserver: exit 2', '.. kind', 'skipped kind (0.0 s): not asked for',
    ]);
  });

  it('says how far it is, and not more than once in five seconds', () => {
    const { terminal, wait, lines } = played();
    const step = terminal.step('replay');
    for (let done = 1; done <= 100; done += 1) {
      wait(200);
      step.update({ done, total: 400, note: `minute ${done}` });
    }
    expect(lines()).toEqual([
      '.. replay',
      '.. replay: 25/400 (6 %), 5.0 s, about 75 s left: minute 25',
      '.. replay: 50/400 (12 %), 10 s, about 70 s left: minute 50',
      '.. replay: 75/400 (18 %), 15 s, about 65 s left: minute 75',
      '.. replay: 100/400 (25 %), 20 s, about 60 s left: minute 100',
    ]);
  });

  it('says that a silent step is still there, and what was last heard of it', () => {
    const { terminal, wait, lines } = played();
    terminal.step('apply').update({ note: 'wave 3: keda' });
    wait(65_000);
    expect(lines()).toEqual(['.. apply', '.. apply: 30 s: wave 3: keda', '.. apply: 60 s: wave 3: keda']);
    terminal.close();
    wait(65_000);
    expect(lines()).toHaveLength(3);
  });

  it('writes no control sequence, whatever a note holds', () => {
    const { terminal, wait, text } = played();
    const step = terminal.step('build');
    wait(6000);
    step.update({ note: 'a\u001b[31mred\u001b[0m\r\nline' });
    step.succeed('done\n\u0007');
    expect(text()).toBe('.. build\n.. build: 6.0 s: ared line\nok build (6.0 s): done\n');
  });
});

describe('on a terminal', () => {
  it('draws the steps under way in place, below the lines that stay', () => {
    const { terminal, wait, screen } = played({ live: true });
    const build = terminal.step('build tools');
    const synth = terminal.step('synthesize');
    wait(3000);
    build.update({ done: 3, total: 12, note: 'etcd' });
    terminal.line('price: 239 USD');
    expect(screen()).toEqual(['price: 239 USD', expect.stringMatching(/^[-\\|/] build tools: 3\/12 \(25 %\), 3\.0 s, about 9\.0 s left: etcd$/), expect.stringMatching(/^[-\\|/] synthesize: 3\.0 s$/)]);
    synth.succeed('54 objects');
    expect(screen().slice(0, 2)).toEqual(['price: 239 USD', 'ok synthesize (3.0 s): 54 objects']);
    expect(screen()).toHaveLength(3);
    build.succeed();
    terminal.close();
    expect(screen()).toEqual(['price: 239 USD', 'ok synthesize (3.0 s): 54 objects', 'ok build tools (3.0 s)']);
  });

  it('turns its spinner', () => {
    const { terminal, wait, screen } = played({ live: true });
    terminal.step('build');
    const seen = new Set<string>();
    for (let index = 0; index < 8; index += 1) {
      wait(120);
      seen.add(screen()[0]![0]!);
    }
    expect(seen).toEqual(new Set(['-', '\\', '|', '/']));
  });

  it('cuts lines to the width, for a wrapped line could not be erased', () => {
    const { terminal, wait, screen } = played({ live: true });
    terminal.step('build').update({ note: 'x'.repeat(200) });
    wait(500);
    expect(screen()).toHaveLength(1);
    expect(screen()[0]).toHaveLength(59);
    expect(screen()[0]).toMatch(/x\.\.\.$/);
  });

  it('draws nothing after it was closed, but still tells ends', () => {
    const { terminal, wait, screen, text } = played({ live: true });
    const step = terminal.step('build');
    terminal.close();
    const before = text().length;
    wait(2000);
    expect(text()).toHaveLength(before);
    step.fail('interrupted');
    expect(screen()).toEqual(['failed build (2.0 s): interrupted']);
  });

  it('colours the mark of an end, and nothing if there shall be no colour', () => {
    const coloured = played({ live: true, colour: true });
    coloured.terminal.step('a').succeed();
    coloured.terminal.step('b').fail();
    coloured.terminal.step('c').skip();
    expect(coloured.text()).toContain('\u001b[32mok\u001b[0m a');
    expect(coloured.text()).toContain('\u001b[31mfailed\u001b[0m b');
    expect(coloured.text()).toContain('\u001b[33mskipped\u001b[0m c');
    const plain = played({ live: true });
    plain.terminal.step('a').succeed();
    // eslint-disable-next-line no-control-regex
    expect(plain.text()).not.toMatch(/\u001b\[\d+m/);
  });

  it('shows every line that stays and every step under way, whatever happens in which order', () => {
    const action = fc.oneof(
      fc.record({ kind: fc.constantFrom('begin', 'line', 'wait'), which: fc.nat(5) }),
      fc.record({ kind: fc.constantFrom('succeed', 'fail', 'update'), which: fc.nat(5) }),
    );
    fc.assert(fc.property(fc.array(action, { maxLength: 40 }), (actions) => {
      const { terminal, wait, screen } = played({ live: true });
      const stays: string[] = [];
      const under: { name: string; step: ReturnType<Terminal['step']> }[] = [];
      actions.forEach(({ kind, which }, index) => {
        const at = which % Math.max(1, under.length);
        if (kind === 'begin') {
          under.push({ name: `step${index}`, step: terminal.step(`step${index}`) });
        } else if (kind === 'wait') {
          wait(150);
        } else if (kind === 'line') {
          terminal.line(`line${index}`);
          stays.push(`line${index}`);
        } else if (kind === 'update') {
          under[at]?.step.update({ done: index, total: 40, note: 'n'.repeat(index) });
        } else if (under[at]) {
          const [ended] = under.splice(at, 1);
          ended!.step[kind as 'succeed' | 'fail']();
          stays.push(`${kind === 'fail' ? 'failed' : 'ok'} ${ended!.name}`);
        }
      });
      wait(150);
      const shown = screen();
      terminal.close();
      expect(shown.map((line) => line.replace(/^[-\\|/] (step\d+):.*/, 'under way $1').replace(/ \(.*/, ''))).toEqual([...stays, ...under.map(({ name }) => `under way ${name}`)]);
    }), { seed: 7, numRuns: 150 });
  });
});

describe.each([true, false])('a step (live: %s)', (live) => {
  it('ends once', () => {
    const { terminal, text } = played({ live });
    const step = terminal.step('build');
    step.succeed('first');
    const after = text();
    step.fail('second');
    step.skip('third');
    step.update({ note: 'late' });
    expect(text()).toBe(after);
    terminal.close();
  });

  it('claims neither more than the whole nor a time when nothing is done', () => {
    const { terminal, wait, text } = played({ live });
    const step = terminal.step('replay');
    wait(6000);
    step.update({ done: 0, total: 10 });
    wait(6000);
    step.update({ done: 11, total: 10 });
    wait(200);
    expect(text()).toContain('11/10 (100 %)');
    expect(text()).not.toContain('left');
    terminal.close();
  });
});

describe('durations', () => {
  it('never reach sixty seconds beside minutes', () => {
    const { terminal, wait, lines } = played();
    const step = terminal.step('build');
    wait(179_700);
    step.succeed();
    expect(lines().at(-1)).toBe('ok build (3 min 0 s)');
  });
});

describe('a table', () => {
  it('sets words left and figures right', () => {
    const { terminal, text } = played();
    terminal.table(['policy', 'minutes', 'USD'], [['reactive', '12', '3.43'], ['predictive', '0', '13.31']]);
    expect(text()).toBe('  policy      minutes    USD\n  reactive         12   3.43\n  predictive        0  13.31\n');
  });
});
