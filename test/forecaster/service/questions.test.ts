import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PrometheusClient } from '../../../forecaster/service/prometheus-client';
import { type Need, Questions } from '../../../forecaster/service/questions';
import { type Entry, Store } from '../../../forecaster/service/store';
import { type PrometheusServer, startPrometheus } from '../support/prometheus-server';

const END = 1_200_000;
const STEP = 60;
const store = new Store(STEP);
const entry = (service: string, metric: 'requests' | 'cpu' = 'requests', namespace = 'shop'): Entry => store.open({ namespace, service, metric })!;
const need = (service: string, steps: number, metric: 'requests' | 'cpu' = 'requests'): Need => ({ entry: entry(service, metric), start: END - (steps - 1) * STEP });
const made = (needs: readonly Need[], services = 1e6) => new Questions(needs, { end: END, stepSeconds: STEP, metrics: ['requests', 'cpu'], services });

describe('Questions', () => {
  it('come in the order of what matters: nearly fresh ones, then metrics as they are named', () => {
    const questions = made([need('old', 900, 'cpu'), need('old', 900), need('new', 3, 'cpu'), need('new', 2)]);
    const order = Array.from({ length: 4 }, () => questions.next(1e5)!).map(({ metric, needs }) => [metric, needs[0]!.entry.service]);
    expect(order).toEqual([['requests', 'new'], ['cpu', 'new'], ['requests', 'old'], ['cpu', 'old']]);
    expect(questions.next(1e5)).toBeUndefined();
  });

  it('ask for one by equality, for some by name, for most by the bare metric', () => {
    const some = ['a', 'b', 'c'].map((service) => need(service, 4));
    expect(made(some.slice(0, 1)).next(1e5)!.query).toBe('tideline:requests:rate{namespace="shop",service="a"}');
    expect(made(some).next(1e5)!.query).toBe('tideline:requests:rate{namespace=~"shop",service=~"a|b|c"}');
    expect(made(some, 4).next(1e5)!.query).toBe('tideline:requests:rate');
  });

  it('lose nothing, repeat nothing, and stay within the samples and the address they may have', () => {
    const anyNeed = fc.record({ service: fc.string({ minLength: 1, maxLength: 60 }), steps: fc.integer({ min: 1, max: 20_000 }), metric: fc.constantFrom('requests' as const, 'cpu' as const) });
    const distinct = fc.uniqueArray(anyNeed, { maxLength: 60, selector: ({ service, metric }) => `${metric}${service}` });
    fc.assert(fc.property(distinct, fc.integer({ min: 500, max: 150_000 }), fc.integer({ min: 60, max: 1e6 }), (wanted, samples, services) => {
      const needs = wanted.map(({ service, steps, metric }) => need(service, steps, metric));
      const questions = made(needs, services);
      const asked = new Map<Entry, number>();
      for (let question = questions.next(samples); question; question = questions.next(samples)) {
        const points = (question.end - question.start) / STEP + 1;
        expect(points).toBeGreaterThan(0);
        expect(points * question.needs.length).toBeLessThanOrEqual(Math.max(samples, 16 * question.needs.length) * 1.25 + 16);
        if (question.query.includes('=~')) expect(encodeURIComponent(question.query).length).toBeLessThan(16_000);
        for (const { entry: each, start } of question.needs) {
          expect(each.metric).toBe(question.metric);
          expect(start).toBe(asked.get(each) ?? needs.find((one) => one.entry === each)!.start);
          expect(question.start).toBeLessThanOrEqual(start);
          asked.set(each, question.end + STEP);
        }
        if (question.end < END) questions.again(question.needs.map((each) => ({ entry: each.entry, start: question.end + STEP })));
      }
      expect([...asked.values()].every((until) => until === END + STEP)).toBe(true);
      expect(asked.size).toBe(needs.length);
    }), { numRuns: 60 });
  });

  it('share with no more than they are allowed to', () => {
    const questions = made(Array.from({ length: 8 }, (_, i) => ({ ...need(`s${i}`, 4), company: 2 })), 8);
    for (let i = 0; i < 4; i++) expect(questions.next(1e5)!.needs).toHaveLength(2);
    expect(questions.size).toBe(0);
  });
});

describe('questions by name', () => {
  let server: PrometheusServer;
  beforeAll(async () => { server = await startPrometheus(); });
  afterAll(() => server.close());

  it('mean names, not patterns', async () => {
    const names = ['a.b', 'axb', 'c|d', 'c', 'e\\', 'f"', 'g{2}', 'gg', '(h', 'new\nline', '^i$', '[j]', 'j', 'k*', 'kk'];
    server.now = END;
    server.series = names.map((service) => ({ labels: { __name__: 'tideline:requests:rate', namespace: 'shop', service }, at: () => 1 }));
    const client = new PrometheusClient({ url: server.url });
    await fc.assert(fc.asyncProperty(fc.subarray(names, { minLength: 2 }), async (some) => {
      const { query, start, end } = made(some.map((service) => need(service, 2))).next(1000)!;
      const answer = await client.range(query, start, end, STEP);
      expect(answer.map(({ labels }) => labels.service).sort()).toEqual([...some].sort());
    }), { numRuns: 50 });
  });
});
