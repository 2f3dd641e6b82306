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
];
