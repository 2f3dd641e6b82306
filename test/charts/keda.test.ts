import { describe, expect, test } from 'vitest';
import type { Manifest } from '../../components';
import { catalogue, environments } from '../../config';
import { objectOf } from '../support/synth';
import { names, objectsOf } from './manifests';

// What upstream's own manifests and programs say is compared in scaling/keda.integration.test.ts; here is what holds whatever upstream says.
describe.each(names)('KEDA in %s', (name) => {
  const objects = objectsOf(name, 'keda/');
  const deployments = objects.filter((object) => object.kind === 'Deployment');
  const containerOf = (deployment: Manifest) => deployment.spec.template.spec.containers[0] as { args: string[]; image: string; ports: { name: string; containerPort: number }[] };

  test('never lets the API server skip the check of its certificate', () => {
    expect(objectOf(objects, 'APIService').spec).not.toHaveProperty('insecureSkipTLSVerify');
    expect(containerOf(objectOf(objects, 'Deployment', 'keda-operator')).args).toContain('--enable-cert-rotation=true'); // it puts its authority into caBundle
  });

  test('is reached where its parts look for each other', () => {
    const metrics = objectOf(objects, 'Deployment', 'keda-metrics-apiserver');
    const address = containerOf(metrics).args.find((arg) => arg.startsWith('--metrics-service-address='))!.split('=')[1];
    expect(address).toBe('keda-operator.keda.svc.cluster.local:9666');
    for (const service of objects.filter((object) => object.kind === 'Service')) {
      const target = objectOf(objects, 'Deployment', service.metadata.name);
      expect(target.spec.template.metadata.labels).toMatchObject(service.spec.selector);
      for (const port of service.spec.ports) expect(containerOf(target).ports.map((each) => each.name)).toContain(port.targetPort);
    }
    expect(objectOf(objects, 'Service', 'keda-operator').spec.ports.map((port: { port: number }) => port.port)).toContain(9666);
  });

  test('runs the catalogued images, as redundant as the forecaster', () => {
    const { images } = catalogue.keda;
    expect(deployments.map((deployment) => containerOf(deployment).image).sort()).toEqual([images.operator, images.metricsApiserver].map((image) => `${image.name}:${image.tag}`).sort());
    const wanted = Math.min(environments().find((each) => each.name === name)!.services.forecaster.minReplicas, 2);
    for (const deployment of deployments) expect(deployment.spec.replicas).toBe(wanted);
  });
});
