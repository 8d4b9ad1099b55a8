// Spreads work over frames, so that none of them takes long, however much text there is.

/** Works until it is done or the time has come, and says whether there is more to do. */
export type Job = (deadline: number) => boolean;

const frameBudget = 8;
/** A page that nobody sees gets no frames, but time enough. */
const hiddenBudget = 50;
const hiddenWait = 400;

const jobs = new Set<Job>();
let armed = false;

/** Does the job at the next frame, and again at later ones until it says that it is done. */
export function schedule(job: Job): void {
  jobs.add(job);
  arm();
}

export function unschedule(job: Job): void {
  jobs.delete(job);
}

/** Whether all that was scheduled is done. */
export function isIdle(): boolean {
  return jobs.size === 0;
}

function arm(): void {
  if (armed) return;
  armed = true;
  const frame = requestAnimationFrame(() => {
    clearTimeout(timer);
    run(frameBudget);
  });
  const timer = setTimeout(() => {
    cancelAnimationFrame(frame);
    run(hiddenBudget);
  }, hiddenWait);
}

function run(budget: number): void {
  armed = false;
  const deadline = performance.now() + budget;
  for (const job of [...jobs]) {
    if (!jobs.delete(job)) continue;
    if (job(deadline)) jobs.add(job);
    if (performance.now() > deadline) break;
  }
  if (jobs.size > 0) arm();
}
