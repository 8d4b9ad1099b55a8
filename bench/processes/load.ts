// The load generator, a process of its own: does one job at a time.
import { runClosed } from './load-closed.ts';
import { runStreams } from './load-streams.ts';
import type { ClosedJob, StreamsJob } from './protocol.ts';
import { serveRole } from './role.ts';

const run = (job: ClosedJob | StreamsJob) => (job.kind === 'streams' ? runStreams(job) : runClosed(job));

// What the parent sends is of this type: both are of one program.
serveRole((job) => run(job as ClosedJob | StreamsJob), {});
