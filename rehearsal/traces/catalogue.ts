/** A trace that ships with the project. */
export interface ShippedTrace {
  readonly name: string;
  /** File in this folder. */
  readonly file: string;
  readonly title: string;
  /** Repository it was taken from. */
  readonly source: string;
  readonly commit: string;
  readonly licence: string;
  /** What its licence or its authors ask to be said. */
  readonly attribution: string;
  /** Between two rows, seconds. @default 60 */
  readonly stepSeconds?: number;
}

/** The traces that ship with the project, the default first. README.md tells where they come from. */
export const catalogue: readonly ShippedTrace[] = [
  {
    name: 'mongodb-queries',
    file: 'mongodb-queries.csv.gz',
    title: 'Queries per second of a production MongoDB cluster behind a Microsoft service, 11 days of 2018',
    source: 'https://github.com/microsoft/cloud-monitoring-dataset',
    commit: '6a07a53c2fac495fb6831811df4c980d6c04bd10',
    licence: 'MIT',
    attribution: 'Copyright (c) Microsoft Corporation. Series mongodb-application-rps, mongo-03.',
  },
  {
    name: 'nasa-http',
    file: 'nasa-http.csv.gz',
    title: 'Requests per minute to the NASA Kennedy Space Center web server, 1 to 28 July 1995',
    source: 'https://github.com/reconfigurable-ml-pipeline/web-service-datasets',
    commit: '7404ad6643602943511e75ab3095fb1ccc990fd1',
    licence: 'Internet Traffic Archive: freely redistributable',
    attribution: 'Collected by Jim Dumoulin, Kennedy Space Center; contributed by Martin Arlitt and Carey Williamson, University of Saskatchewan; '
      + 'Internet Traffic Archive, ftp://ita.ee.lbl.gov/traces/',
  },
  {
    name: 'ingress-03',
    file: 'ingress-03.csv.gz',
    title: 'Rate of data that comes into a production service of Microsoft, 11 days of 2018 (stream 03)',
    source: 'https://github.com/microsoft/cloud-monitoring-dataset',
    commit: '6a07a53c2fac495fb6831811df4c980d6c04bd10',
    licence: 'MIT',
    attribution: 'Copyright (c) Microsoft Corporation. Series data-ingress-rate, ingress-03.',
  },
  {
    name: 'ingress-04',
    file: 'ingress-04.csv.gz',
    title: 'Rate of data that comes into a production service of Microsoft, 11 days of 2018 (stream 04)',
    source: 'https://github.com/microsoft/cloud-monitoring-dataset',
    commit: '6a07a53c2fac495fb6831811df4c980d6c04bd10',
    licence: 'MIT',
    attribution: 'Copyright (c) Microsoft Corporation. Series data-ingress-rate, ingress-04.',
  },
  {
    name: 'ingress-05',
    file: 'ingress-05.csv.gz',
    title: 'Rate of data that comes into a production service of Microsoft, 11 days of 2018 (stream 05)',
    source: 'https://github.com/microsoft/cloud-monitoring-dataset',
    commit: '6a07a53c2fac495fb6831811df4c980d6c04bd10',
    licence: 'MIT',
    attribution: 'Copyright (c) Microsoft Corporation. Series data-ingress-rate, ingress-05.',
  },
  {
    name: 'elb-requests',
    file: 'elb-requests.csv.gz',
    title: 'Requests to a load balancer of AWS per 5 minutes, 14 days of 2014',
    source: 'https://github.com/numenta/NAB',
    commit: 'ea702d75cc2258d9d7dd35ca8e5e2539d71f3140',
    licence: 'MIT',
    attribution: 'Numenta Anomaly Benchmark, realAWSCloudwatch/elb_request_count_8c0756. Copyright (c) Numenta.',
    stepSeconds: 300,
  },
  {
    name: 'tweets-amzn',
    file: 'tweets-amzn.csv.gz',
    title: 'Tweets that name Amazon per 5 minutes, 55 days of 2015',
    source: 'https://github.com/numenta/NAB',
    commit: 'ea702d75cc2258d9d7dd35ca8e5e2539d71f3140',
    licence: 'MIT',
    attribution: 'Numenta Anomaly Benchmark, realTweets/Twitter_volume_AMZN. Copyright (c) Numenta.',
    stepSeconds: 300,
  },
  {
    name: 'crane-08',
    file: 'crane-08.csv.gz',
    title: 'A metric of a workload on Kubernetes, 16 days of 2021, from the test data of crane (input8)',
    source: 'https://github.com/gocrane/crane',
    commit: '2b0ddae8ebbca49788d77ece632d73b252533ef9',
    licence: 'Apache-2.0',
    attribution: 'The Crane Authors; pkg/prediction/dsp/test_data/input8.csv.',
  },
  {
    name: 'crane-14',
    file: 'crane-14.csv.gz',
    title: 'A metric of a workload on Kubernetes, 16 days of 2021, from the test data of crane (input14)',
    source: 'https://github.com/gocrane/crane',
    commit: '2b0ddae8ebbca49788d77ece632d73b252533ef9',
    licence: 'Apache-2.0',
    attribution: 'The Crane Authors; pkg/prediction/dsp/test_data/input14.csv.',
  },
  {
    name: 'azure-vm',
    file: 'azure-vm.csv.gz',
    title: 'CPU of a virtual machine on Azure, mean of 5 minutes, 27.8 days',
    source: 'https://github.com/carlonlv/DataCenterSim',
    commit: 'fa2cc2592969c40d3e8494c2be46a94641b235f1',
    licence: 'CC-BY-4.0',
    attribution: 'Azure Public Dataset V1 (Microsoft), CC-BY-4.0; E. Cortez et al., Resource Central, SOSP 2017. Virtual machine 799526.',
    stepSeconds: 300,
  },
];
