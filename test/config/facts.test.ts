import { describe, expect, it } from 'vitest';
import { environments } from '../../config';
import { ARGOCD_NAMESPACE, factsOf, STACKS, stackId, stateKey } from '../../config/facts';
import { ARGOCD_NAMESPACE as COMPONENTS_NAMESPACE } from '../../components';

describe('the decided names', () => {
  it('give every stack of every environment a state of its own', () => {
    const states = environments().flatMap((environment) => STACKS.map((stack) => `${factsOf(environment).state.bucket}/${stateKey(environment.name, stack)}`));
    expect(states).toHaveLength(environments().length * STACKS.length);
    expect(new Set(states).size).toBe(states.length);
    expect(states[0]).toBe('tideline-dev-state-111111111111/dev/foundation.tfstate');
  });

  it('start a stack\'s id with its environment, so that a pattern takes one environment', () => {
    expect(STACKS.map((stack) => stackId('dev', stack))).toEqual(['dev-foundation', 'dev-network', 'dev-cluster', 'dev-data', 'dev-identity', 'dev-observability', 'dev-bootstrap']);
  });

  it.each(environments().map((environment) => [environment.name, environment] as const))('are usable in AWS: %s', (_, environment) => {
    const facts = factsOf(environment);
    expect(facts.state.bucket).toMatch(/^[a-z0-9-]{3,63}$/);
    expect(facts.network.zones).toHaveLength(environment.network.availabilityZones);
    expect(facts.deployRoleArn).toContain(environment.account);
  });

  it('hold no zone that takes no EKS control plane', () => {
    const wide = { ...environments()[0]!, network: { ...environments()[0]!.network, availabilityZones: 5 } };
    expect(factsOf(wide).network.zones).not.toContain('use1-az3');
  });

  it('refuse more zones than the region has', () => {
    const prod = environments().find((environment) => environment.region === 'eu-west-1')!;
    expect(() => factsOf({ ...prod, network: { ...prod.network, availabilityZones: 4 } }))
      .toThrow(/network.availabilityZones\] got: 4; allowed: at most 3 in eu-west-1; do: ask for fewer zones/);
  });

  it('agree with the charts on where Argo CD runs', () => {
    expect(ARGOCD_NAMESPACE).toBe(COMPONENTS_NAMESPACE);
  });
});
