import { stopOnSignals } from '../../../base/graceful-stop';
import { askPrometheus, timekeeperServer } from './app';
import { timekeeperSettings } from './settings';
import { Timekeeper } from './timekeeper';

const settings = timekeeperSettings();
const server = timekeeperServer(new Timekeeper(askPrometheus(settings.prometheusUrl), () => Date.now() / 1000), settings.token);
server.listen(settings.port, settings.host, () => process.stderr.write(`listening on ${settings.host}:${settings.port}\n`));
stopOnSignals(process, {
  log: (message) => process.stderr.write(`${message}\n`),
  stop: async () => {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  },
});
