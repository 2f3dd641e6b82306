import { ApiObject, Chart, JsonPatch } from 'cdk8s';
import { describe, expect, test } from 'vitest';
import { Allow, Application, AppOfApps, DefaultDeny, PlatformNamespace, PredictiveScaler, RecordingRules, WebService } from '../../components';
import { sampleContract, sampleOwnership } from '../support/sample-service';
import { synthChart } from '../support/synth';

const DELIVERY = { ...sampleOwnership, name: 'x', project: 'x', repository: 'https://git.example/x.git', revision: 'v1', path: 'x' };
const service = (chart: Chart) => new WebService(chart, 'service', {
  ...sampleOwnership, contract: sampleContract, namespace: 'n', image: { name: 'a', tag: '1' }, replicas: 'scaled', settings: { address: 'x' },
});
const scaler = (chart: Chart, demand?: { prometheus: string; metric: string; targetPercent: number }) =>
  new PredictiveScaler(chart, 'scaler', { target: service(chart), minReplicas: 1, maxReplicas: 2, cpuTargetPercent: 50, demand });

/** Every object that a construct of the library makes, by the property it is reached through. */
const OBJECTS: readonly [string, (chart: Chart) => ApiObject][] = [
  ['WebService.deployment', (chart) => service(chart).deployment],
  ['WebService.service', (chart) => service(chart).service],
  ['WebService.serviceAccount', (chart) => service(chart).serviceAccount],
  ['WebService.disruptionBudget', (chart) => service(chart).disruptionBudget],
  ['WebService.networkPolicy', (chart) => service(chart).networkPolicy],
  ['PredictiveScaler.apiObject (ScaledObject)', (chart) => scaler(chart, { prometheus: 'http://p', metric: 'm', targetPercent: 50 }).apiObject],
  ['PredictiveScaler.apiObject (HorizontalPodAutoscaler)', (chart) => scaler(chart).apiObject],
  ['PlatformNamespace.apiObject', (chart) => new PlatformNamespace(chart, 'x', { ...sampleOwnership, name: 'n' }).apiObject],
  ['DefaultDeny.apiObject', (chart) => new DefaultDeny(chart, 'x', { namespace: 'n' }).apiObject],
  ['Allow.apiObject', (chart) => new Allow(chart, 'x', { namespace: 'n', name: 'a', from: [{ port: 80 }] }).apiObject],
  ['RecordingRules.apiObject', (chart) => new RecordingRules(chart, 'x', { ...sampleOwnership, name: 'r', namespace: 'n', rules: [{ record: 'a', expr: 'b' }] }).apiObject],
  ['Application.apiObject', (chart) => new Application(chart, 'x', { ...DELIVERY, namespace: 'n', wave: 0 }).apiObject],
  ['AppOfApps.project', (chart) => new AppOfApps(chart, 'x', { ...DELIVERY, namespaces: [] }).project],
  ['AppOfApps.root', (chart) => new AppOfApps(chart, 'x', { ...DELIVERY, namespaces: [] }).root.apiObject],
];

describe('can be patched, with fields that are younger than the types', () => {
  test.each(OBJECTS)('%s', (_, reach) => {
    const patched = synthChart((chart) => reach(chart).addJsonPatch(JsonPatch.add('/fieldOfNextYear', { deep: ['value'] }))).filter((object) => 'fieldOfNextYear' in object);
    expect(patched.map((object) => object.fieldOfNextYear)).toEqual([{ deep: ['value'] }]);
  });

  test.each(OBJECTS)('%s is its construct\'s own: nothing else changes', (_, reach) => {
    const plain = synthChart((chart) => void reach(chart));
    const patched = synthChart((chart) => reach(chart).addJsonPatch(JsonPatch.add('/fieldOfNextYear', true)));
    expect(patched.map(({ fieldOfNextYear: _field, ...rest }) => rest)).toEqual(plain);
  });

  test.each([
    ['WebService', (chart: Chart) => service(chart)],
    ['PredictiveScaler', (chart: Chart) => scaler(chart)],
    ['Application', (chart: Chart) => new Application(chart, 'x', { ...DELIVERY, namespace: 'n', wave: 0 })],
  ] as const)('%s is found by ApiObject.of, as constructs of cdk8s are', (_, build) => {
    synthChart((chart) => {
      const construct = build(chart);
      expect(ApiObject.of(construct)).toBe(construct.node.defaultChild);
    });
  });
});
