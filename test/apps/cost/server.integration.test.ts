import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { smallModel } from '../../pricing/models';
import { Bundle, bundle, freePort, Program, start } from '../program';

let built: Bundle;
let folder: string;
let port: number;
let program: Program | undefined;
beforeAll(async () => {
  built = await bundle('apps/cost/server.ts', { packages: false });
  folder = mkdtempSync(join(tmpdir(), 'cost-'));
  port = await freePort();
});
afterEach(async () => {
  if (program?.child.exitCode === null) await program.stop();
});
afterAll(() => {
  built.remove();
  rmSync(folder, { recursive: true, force: true });
});

const write = (changes: Parameters<typeof smallModel>[0] = {}) => writeFileSync(join(folder, 'dev.json'), JSON.stringify(smallModel(changes)));
const settings = (): Record<string, string> => ({ COST_HOST: '127.0.0.1', COST_PORT: String(port), COST_ENVIRONMENTS_DIR: folder, COST_TOKEN: 's3cret', COST_REFRESH_SECONDS: '1' });

describe('the cost service as a process', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('starts from its bundle alone, answers, and ends with 0 on %s', async (signal) => {
    write();
    program = start(built.file, port, settings());
    await program.answers('/readyz');
    const answer = await fetch(`${program.url}/cost/environments/dev`, { headers: { authorization: 'Bearer s3cret' } });
    expect(await answer.json()).toMatchObject({ environment: 'dev', monthlyUsd: expect.any(Number) });
    expect(await program.stop(signal)).toBe(0);
    expect(program.output()).toContain(`stopping on ${signal}`);
    expect(program.output()).not.toContain('s3cret');
  });

  it('follows a changed file while it runs, and keeps the last good one when the file breaks', async () => {
    write();
    program = start(built.file, port, settings());
    await program.answers('/readyz');
    const budget = async () => /tideline_cost_budget_monthly_usd\{environment="dev"\} (\d+)/.exec(await (await fetch(`${program?.url}/metrics`)).text())?.[1];
    const until = async (text: string) => {
      while (!(await (await fetch(`${program?.url}/metrics`)).text()).includes(text)) await new Promise((done) => setTimeout(done, 50));
    };
    expect(await budget()).toBe('600');
    write({ budgetMonthlyUsd: 750 });
    await until('tideline_cost_budget_monthly_usd{environment="dev"} 750');
    writeFileSync(join(folder, 'dev.json'), '{');
    await until('tideline_cost_environment_faults 1');
    expect(await budget()).toBe('750');
    expect(program.output()).toContain('the last good ones are priced');
  });

  it('ends with 1 and every fault when settings are missing', async () => {
    program = start(built.file, port, { COST_PORT: 'eighty' });
    expect(await program.ended).toBe(1);
    for (const name of ['COST_PORT', 'COST_ENVIRONMENTS_DIR', 'COST_TOKEN']) expect(program.output()).toContain(`[${name}]`);
  });

  it('ends with 1 and says so when its port is taken', async () => {
    write();
    const taken = await new Promise<Server>((done) => {
      const server = createServer().listen(port, '127.0.0.1', () => done(server));
    });
    try {
      program = start(built.file, port, settings());
      expect(await program.ended).toBe(1);
      expect(program.output()).toContain(`[127.0.0.1:${port}] got: the port is taken (EADDRINUSE)`);
    } finally {
      taken.close();
    }
  });
});
