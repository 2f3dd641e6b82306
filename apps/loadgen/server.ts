import { run, serve } from '../http/serve';
import { buildLoadgenService } from './app';
import { loadgenSettings } from './settings';

run(async () => {
  const settings = loadgenSettings();
  await serve(await buildLoadgenService(settings), settings);
});
