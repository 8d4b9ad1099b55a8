import { probe } from '../../testing/runtime-probes.ts';
import { runtimes } from '../../testing/runtimes.ts';

probe(runtimes.bun);
