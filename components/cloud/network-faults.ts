import { Cidr, cidrFault } from '../../base/cidr';
import { Fault, Need, needInto } from '../../base/faults';
import { INTERFACE_ENDPOINT_SCOPES } from './endpoint-policies';
import { logRetentionFaults } from './log-retention';
import type { PlatformNetworkProps } from './platform-network';
import { MAX_ZONES } from './subnet-plan';

const DIRECTIONS: Readonly<Record<string, string>> = {
  east: 'e', west: 'w', north: 'n', south: 's', central: 'c', northeast: 'ne', northwest: 'nw', southeast: 'se', southwest: 'sw',
};

/** What the ids of a region's zones begin with: `use1` for `us-east-1`. Undefined for a region that is not named like most. */
export function zonePrefix(region: string): string | undefined {
  const [, area, direction, number] = /^([a-z]{2})-([a-z]+)-(\d)$/.exec(region) ?? [];
  const letters = direction === undefined ? undefined : DIRECTIONS[direction];
  return letters === undefined ? undefined : `${area}${letters}${number}`;
}

/** Every fault of a network's props; empty if they are usable. */
export function networkFaults(props: PlatformNetworkProps, path: string): Fault[] {
  const faults: Fault[] = [];
  const need = needInto(faults, path);
  need(/^[a-z][a-z0-9-]{0,39}$/.test(props.name), 'name', props.name, '1 to 40 lower-case letters, digits and hyphens', 'choose such a name');
  need(/^[a-z]{2}(-[a-z]+)+-\d$/.test(props.region), 'region', props.region, 'a region such as us-east-1', 'name the region');
  need(props.account === undefined || /^(\d{12}|\$\{.*\})$/.test(props.account), 'account', props.account, '12 digits', 'give the account number as a text, or leave it out');

  const block = Cidr.tryParse(props.cidr);
  if (!block) {
    faults.push(cidrFault(props.cidr, `${path} cidr`));
  } else {
    need(block.prefix >= 16 && block.prefix <= 22, 'cidr', String(block), '/16 to /22', 'choose a block of that size: AWS takes none larger, and smaller ones leave no room for pods');
  }
  need((props.connectedCidrs ?? []).length <= 10, 'connectedCidrs', `${props.connectedCidrs?.length} blocks`, 'at most 10', 'sum them up: an access list has 20 rules for each direction');
  const foreign = [...Object.entries(props.elsewhere ?? {}), ...(props.connectedCidrs ?? []).map((each) => ['what is connected', each] as const)];
  for (const [what, text] of foreign) {
    const other = Cidr.tryParse(text);
    if (!other) faults.push(cidrFault(text, `${path} ${what}`));
    else if (block) need(!block.overlaps(other), 'cidr', `${block}, which overlaps ${other} (${what})`, 'blocks that share no address', 'choose another block: what has an address in both is not reached');
  }
  zoneFaults(props, need);
  need(new Set(props.interfaceEndpoints).size === (props.interfaceEndpoints ?? []).length, 'interfaceEndpoints', props.interfaceEndpoints, 'each service once', 'remove what is there twice');
  (props.interfaceEndpoints ?? []).forEach((service) => {
    need(Object.hasOwn(INTERFACE_ENDPOINT_SCOPES, service), 'interfaceEndpoints', service, Object.keys(INTERFACE_ENDPOINT_SCOPES).join(', '), 'choose one of these, or add the endpoint beside the network');
  });
  (props.readableObjects ?? []).forEach((arn) => {
    need(/^arn:aws:s3:::[a-z0-9*][a-z0-9.*-]+\/.+$/.test(arn) && !/^arn:aws:s3:::\*/.test(arn), 'readableObjects', arn, 'the ARN of objects in a bucket, such as arn:aws:s3:::bucket/*', 'name the bucket');
  });
  return props.flowLogs ? [...faults, ...logRetentionFaults(props.flowLogs.retentionDays, `${path} flowLogs.retentionDays`)] : faults;
}

function zoneFaults(props: PlatformNetworkProps, need: Need): void {
  const { zones, minZones = 1 } = props;
  const prefix = zonePrefix(props.region);
  need(zones.length >= 1 && zones.length <= MAX_ZONES && new Set(zones).size === zones.length, 'zones', zones, `1 to ${MAX_ZONES} different zone ids`, 'list the ids of the zones to spread over');
  need(zones.length === 0 || zones.length >= minZones, 'zones', `${zones.length} zones`, `at least ${minZones}`, 'list more zones, or ask for fewer: a region may have no more');
  for (const zone of zones) {
    const shaped = /^[a-z]+[0-9]-az[0-9]$/.test(zone);
    need(shaped, 'zones', zone, 'a zone id such as use1-az1', 'give the id, not the name: aws ec2 describe-availability-zones shows both');
    if (shaped && prefix !== undefined) need(zone.startsWith(`${prefix}-`), 'zones', zone, `zones of ${props.region}, such as ${prefix}-az1`, 'choose zones of the region');
  }
}
