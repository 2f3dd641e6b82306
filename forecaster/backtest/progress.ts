/** Where progress is told. */
export interface ProgressStream {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/**
 * Tells how far a run is: on a terminal one line that is redrawn, elsewhere a line for every tenth.
 *
 * @param seconds time since the start
 */
export function progressOn(stream: ProgressStream, seconds: () => number): (done: number, total: number, what: string) => void {
  let tenth = -1;
  let before = 0;
  let began = 0;
  return (done, total, what) => {
    if (done < before || done === 0) { // another part of the run
      tenth = -1;
      began = seconds();
    }
    before = done;
    const elapsed = seconds() - began;
    const left = done > 0 ? `, about ${duration((elapsed / done) * (total - done))} left` : '';
    const line = `${done}/${total} in ${duration(elapsed)}${done < total ? left : ''}  ${what}`;
    if (stream.isTTY) {stream.write(`\r\u001b[K${line.slice(0, 110)}${done === total ? '\n' : ''}`);}
    else if (Math.floor((10 * done) / Math.max(1, total)) > tenth) {
      tenth = Math.floor((10 * done) / Math.max(1, total));
      stream.write(`${line}\n`);
    }
  };
}

function duration(seconds: number): string {
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
