import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildCostService, CostService } from '../../../apps/cost/app';
import { costSettings } from '../../../apps/cost/settings';
import { priceEnvironment } from '../../../pricing/environment';
import { priceBook } from '../../../pricing/price-book';
import { smallModel } from '../../pricing/models';

let folder: string;
let service: CostService | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cost-'));
});
afterEach(async () => {
  await service?.app.close();
  service = undefined;
  rmSync(folder, { recursive: true, force: true });
});

const write = (file: string, content: unknown) => writeFileSync(join(folder, file), typeof content === 'string' ? content : JSON.stringify(content));
const settings = () => costSettings({ COST_ENVIRONMENTS_DIR: folder, COST_TOKEN: 's3cret', LOG_LEVEL: 'silent' });
const start = async () => (service = await buildCostService(settings()));
const get = (url: string, token = 's3cret') => service!.app.inject({ url, headers: { authorization: `Bearer ${token}` } });

describe('the settings', () => {
  it('names every one that is missing', () => {
    expect(() => costSettings({})).toThrow(/COST_ENVIRONMENTS_DIR[^]*COST_TOKEN/);
  });
});

describe('GET /cost/environments', () => {
  it('lists every environment with its price and budget', async () => {
    write('dev.json', smallModel());
    write('prod.json', smallModel({ name: 'prod', region: 'eu-west-1' }));
    await start();
    const answer = await get('/cost/environments');
    expect(answer.statusCode).toBe(200);
    const expected = priceEnvironment(smallModel(), priceBook);
    expect(answer.json().environments).toEqual([
      { environment: 'dev', region: 'us-east-1', replicas: 'typical', monthlyUsd: expected.monthlyUsd, coverage: expected.coverage, budget: { monthlyUsd: 600, share: expected.monthlyUsd! / 600 } },
      expect.objectContaining({ environment: 'prod', region: 'eu-west-1' }),
    ]);
  });

  it('tells nobody without the token', async () => {
    write('dev.json', smallModel());
    await start();
    for (const url of ['/cost/environments', '/cost/environments/dev', '/cost/environments/nowhere']) {
      expect((await get(url, 'wrong')).statusCode).toBe(401);
      expect((await service!.app.inject(url)).headers['www-authenticate']).toBe('Bearer');
    }
  });
});

describe('GET /cost/environments/:environment', () => {
  it.each(['minimum', 'typical', 'maximum'] as const)('prices it at %s replicas, line by line as the engine does', async (replicas) => {
    write('dev.json', smallModel());
    await start();
    const answer = await get(`/cost/environments/dev?replicas=${replicas}`);
    const price = priceEnvironment(smallModel(), priceBook, { replicas });
    expect(answer.json()).toEqual({ ...price, replicas, budget: { monthlyUsd: 600, share: price.monthlyUsd! / 600 } });
    expect(price.lines.some((line) => line.ListCost === null)).toBe(true); // null survives the answer and is no 0
  });

  it('has no price and no share where nothing is known', async () => {
    write('mars.json', smallModel({ name: 'mars', region: 'mars-1' }));
    await start();
    expect((await get('/cost/environments/mars')).json()).toMatchObject({ monthlyUsd: null, coverage: 0, budget: { monthlyUsd: 600, share: null } });
  });

  it('answers 404 for an environment there is not, naming those there are', async () => {
    write('dev.json', smallModel());
    write('prod.json', smallModel({ name: 'prod' }));
    await start();
    const answer = await get('/cost/environments/qa');
    expect([answer.statusCode, answer.json()]).toEqual([404, {
      error: { code: 'unknown_environment', message: 'there is no such environment', faults: [{ where: 'path environment', got: '"qa"', allowed: 'dev, prod', do: 'ask for one of these' }] },
    }]);
  });

  it.each(['?replicas=some', '?replica=typical'])('refuses the query %s', async (query) => {
    write('dev.json', smallModel());
    await start();
    const answer = await get(`/cost/environments/dev${query}`);
    expect([answer.statusCode, answer.json().error.code]).toEqual([400, 'invalid_request']);
  });
});

describe('GET /metrics', () => {
  it('has price, coverage and budget of every environment, and no price where it is unknown', async () => {
    write('dev.json', smallModel());
    write('mars.json', smallModel({ name: 'mars', region: 'mars-1' }));
    await start();
    const text = (await service!.app.inject('/metrics')).body;
    for (const replicas of ['minimum', 'typical', 'maximum'] as const) {
      const price = priceEnvironment(smallModel(), priceBook, { replicas });
      expect(text).toContain(`tideline_cost_monthly_usd{environment="dev",replicas="${replicas}"} ${price.monthlyUsd}`);
      expect(text).toContain(`tideline_cost_coverage{environment="dev",replicas="${replicas}"} ${price.coverage}`);
    }
    expect(text).toContain('tideline_cost_budget_monthly_usd{environment="mars"} 600');
    expect(text).toContain('tideline_cost_coverage{environment="mars",replicas="typical"} 0');
    expect(text).not.toContain('tideline_cost_monthly_usd{environment="mars"');
    expect(text).toContain('tideline_cost_environment_faults 0');
  });
});

describe('the environments folder', () => {
  it('refuses to start on faults, naming all of all files', async () => {
    write('dev.json', '{"version": 1,');
    write('prod.json', smallModel({ name: 'production', controlPlanes: -1 }));
    const { region: _, ...regionless } = smallModel({ name: 'qa' });
    write('qa.json', { ...regionless, natGateways: 'one' });
    await expect(start()).rejects.toThrow(/\[dev\.json\][^]*\[prod\.json\.name\][^]*allowed: prod[^]*production\.controlPlanes[^]*\[qa\.json\.region\][^]*\[qa\.json\.natGateways\] got: "one"/);
  });

  it.each(['empty', 'missing'])('refuses to start on a folder that is %s', async (state) => {
    if (state === 'missing') rmSync(folder, { recursive: true });
    await expect(start()).rejects.toThrow('COST_ENVIRONMENTS_DIR');
  });

  it('follows changes: an environment changed, added, removed', async () => {
    write('dev.json', smallModel());
    write('qa.json', smallModel({ name: 'qa' }));
    await start();
    write('dev.json', smallModel({ budgetMonthlyUsd: 700 }));
    write('prod.json', smallModel({ name: 'prod' }));
    rmSync(join(folder, 'qa.json'));
    expect(service!.environments.refresh()).toEqual([]);
    expect(service!.environments.names).toEqual(['dev', 'prod']);
    expect((await get('/cost/environments/dev')).json().budget.monthlyUsd).toBe(700);
    const metrics = (await service!.app.inject('/metrics')).body;
    expect(metrics).not.toContain('environment="qa"');
  });

  it('keeps the last good environment when its file breaks, shows the fault, and recovers', async () => {
    write('dev.json', smallModel());
    await start();
    write('dev.json', smallModel({ budgetMonthlyUsd: 0 }));
    expect(service!.environments.refresh()).toEqual([expect.objectContaining({ where: 'dev.json: dev.budgetMonthlyUsd', got: '0' })]);
    expect((await get('/cost/environments/dev')).json().budget.monthlyUsd).toBe(600);
    expect((await service!.app.inject('/metrics')).body).toContain('tideline_cost_environment_faults 1');
    write('dev.json', smallModel({ budgetMonthlyUsd: 800 }));
    expect(service!.environments.refresh()).toEqual([]);
    expect((await get('/cost/environments/dev')).json().budget.monthlyUsd).toBe(800);
  });

  it('keeps all environments when the folder is gone for a moment', async () => {
    write('dev.json', smallModel());
    await start();
    rmSync(folder, { recursive: true });
    expect(service!.environments.refresh()).toHaveLength(1);
    expect((await get('/cost/environments/dev')).statusCode).toBe(200);
  });

  it('refuses a file larger than a ConfigMap', async () => {
    write('dev.json', `${JSON.stringify(smallModel())}${' '.repeat(1024 * 1024)}`);
    await expect(start()).rejects.toThrow('at most 1048576 bytes');
  });

  it('does not read what is no environment file', async () => {
    write('dev.json', smallModel());
    write('README.md', 'text');
    write('..data.json', '{');
    expect((await start()).environments.names).toEqual(['dev']);
  });
});
