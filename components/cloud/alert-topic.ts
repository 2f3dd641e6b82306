import { SnsTopic, SnsTopicConfig } from '@cdktf/provider-aws/lib/sns-topic';
import { SnsTopicPolicy } from '@cdktf/provider-aws/lib/sns-topic-policy';
import { SnsTopicSubscription } from '@cdktf/provider-aws/lib/sns-topic-subscription';
import { Construct } from 'constructs';
import { Fault, needInto, refuse, show } from '../../base/faults';

/** Who of AWS may publish, with the ARNs they publish from. */
const PUBLISHERS = {
  budgets: { service: 'budgets.amazonaws.com', source: (_region: string, account: string) => `arn:aws:budgets::${account}:*` },
  'cost-anomalies': { service: 'costalerts.amazonaws.com', source: (_region: string, account: string) => `arn:aws:ce::${account}:anomalysubscription/*` },
  cloudwatch: { service: 'cloudwatch.amazonaws.com', source: (region: string, account: string) => `arn:aws:cloudwatch:${region}:${account}:alarm:*` },
  'managed-prometheus': { service: 'aps.amazonaws.com', source: (region: string, account: string) => `arn:aws:aps:${region}:${account}:workspace/*` },
} as const;

/** An AWS service that may publish to an {@link AlertTopic}. */
export type AlertPublisher = keyof typeof PUBLISHERS;

/** Every {@link AlertPublisher}. */
export const ALERT_PUBLISHERS = Object.keys(PUBLISHERS) as readonly AlertPublisher[];

/** The principals of publishers, which the topic's key has to let in. */
export function alertPrincipals(publishers: readonly AlertPublisher[]): string[] {
  return publishers.map((publisher) => PUBLISHERS[publisher].service);
}

const EMAIL = /^[^@\s]+@[^@\s]+\.[^@\s]+$/;

/** Props of {@link AlertTopic}. */
export interface AlertTopicProps {
  /** Name of the topic, 1 to 256 letters, digits, hyphens and underscores. */
  readonly name: string;
  /** What mails say they come from, at most 100 characters. @default - the name */
  readonly displayName?: string;
  /** Number of the account, 12 digits. */
  readonly account: string;
  /** Region of the topic, e.g. `eu-west-1`. */
  readonly region: string;
  /** ARN of the key that encrypts messages at rest. Its policy has to let the publishers in: see {@link EncryptionKey} and {@link alertPrincipals}. */
  readonly keyArn: string;
  /** Services that may publish, each from this account only. At least one. */
  readonly publishers: readonly AlertPublisher[];
  /** Who is mailed. Each has to confirm a first mail before another comes. @default - nobody: something else subscribes */
  readonly emails?: readonly string[];
  /** The way out: gets the finished configuration and returns the one to use. @default - as built here */
  readonly transform?: (config: SnsTopicConfig) => SnsTopicConfig;
}

/** Where everything that people have to hear of arrives: encrypted, over TLS only, from the named services of one account. */
export class AlertTopic extends Construct {
  readonly topic: SnsTopic;
  /** What must exist before a service can publish, for `dependsOn`. */
  readonly policy: SnsTopicPolicy;

  /** @throws FaultError with every prop that is not usable */
  constructor(scope: Construct, id: string, props: AlertTopicProps) {
    super(scope, id);
    refuse(`the topic ${show(props.name)} cannot be built`, topicFaults(props, this.node.path));
    const { account, region } = props;
    const config: SnsTopicConfig = { name: props.name, displayName: props.displayName ?? props.name, kmsMasterKeyId: props.keyArn, signatureVersion: 2 };
    this.topic = new SnsTopic(this, 'Resource', props.transform?.(config) ?? config);
    this.policy = new SnsTopicPolicy(this, 'Policy', {
      arn: this.topic.arn,
      policy: JSON.stringify({
        Version: '2012-10-17',
        Statement: [
          ...props.publishers.map((publisher) => ({
            Sid: `Publish-${publisher}`.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase()),
            Effect: 'Allow', Principal: { Service: PUBLISHERS[publisher].service }, Action: publisher === 'managed-prometheus' ? ['sns:Publish', 'sns:GetTopicAttributes'] : 'sns:Publish',
            Resource: this.topic.arn,
            // Without these anybody's budget, alarm or workspace could speak here through the service.
            Condition: { StringEquals: { 'aws:SourceAccount': account }, ArnLike: { 'aws:SourceArn': PUBLISHERS[publisher].source(region, account) } },
          })),
          { Sid: 'TlsOnly', Effect: 'Deny', Principal: '*', Action: 'sns:Publish', Resource: this.topic.arn, Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
        ],
      }),
    });
    (props.emails ?? []).forEach((endpoint) => new SnsTopicSubscription(this, `Email-${endpoint}`, { topicArn: this.topic.arn, protocol: 'email', endpoint }));
  }

  get arn(): string {
    return this.topic.arn;
  }
}

function topicFaults(props: AlertTopicProps, path: string): Fault[] {
  const faults: Fault[] = [];
  const need = needInto(faults, path);
  need(/^[\w-]{1,256}$/.test(props.name), 'name', props.name, '1 to 256 letters, digits, hyphens and underscores', 'choose such a name');
  need((props.displayName ?? '').length <= 100, 'displayName', props.displayName, 'at most 100 characters', 'shorten it, or leave it out');
  need(/^\d{12}$/.test(props.account), 'account', props.account, '12 digits', 'give the number of the account');
  need(props.publishers.length > 0, 'publishers', props.publishers, `some of ${ALERT_PUBLISHERS.join(', ')}`, 'say who publishes; nobody could otherwise');
  for (const publisher of props.publishers) {
    need(Object.hasOwn(PUBLISHERS, publisher), 'publishers', publisher, ALERT_PUBLISHERS.join(', '), 'choose among these');
  }
  const emails = props.emails ?? [];
  emails.forEach((email, index) => {
    need(EMAIL.test(email), `emails[${index}]`, email, 'an e-mail address', 'correct it');
    need(emails.indexOf(email) === index, `emails[${index}]`, email, 'addresses that differ', 'name each once');
  });
  return faults;
}
