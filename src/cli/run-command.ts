// What commands with several names share: reads the command line, runs the command, and tells what went wrong.
import { parseArgs } from 'node:util';
import { readSettings, type Settings } from '../settings.ts';
import { type Command, UsageError } from './command-shape.ts';
import { explain } from './explain.ts';
import { namedEnvironment } from './named-environment.ts';

/** `args` names one of `commands`, and `overview` says which there are. The exit code: 0 done, 1 failed, 2 wrong use. */
export async function runCommand(
  commands: Record<string, Command>,
  overview: string,
  [name, ...args]: string[],
): Promise<number> {
  if (name === '--help' || name === '-h') {
    console.log(overview);
    return 0;
  }
  const command = name !== undefined && Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command) {
    console.error(name === undefined ? overview : `There is no command ${name}.\n\n${overview}`);
    return 2;
  }
  const help = `${command.usage.trimEnd()}

  --env FILE   read settings from FILE instead of .env (which may be missing)
  -h, --help   show this`;
  let settings: Settings | undefined;
  try {
    const { values, positionals } = parse(command, args);
    if (values.help) {
      console.log(help);
      return 0;
    }
    settings = readSettings(values.env === undefined ? process.env : await namedEnvironment(values.env));
    return await command.run({ values, positionals, settings });
  } catch (error) {
    console.error(
      error instanceof UsageError ? `${error.message}\n\n${help}` : explain(error, settings?.databaseUrl),
    );
    return error instanceof UsageError ? 2 : 1;
  }
}

function parse(command: Command, args: string[]) {
  // `-1` is a number of steps, which parseArgs would take for an option.
  const steps = args.filter((arg) => /^-\d+$/.test(arg));
  const options = {
    ...command.options,
    env: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  } as const;
  try {
    const { values, positionals } = parseArgs({
      args: args.filter((arg) => !steps.includes(arg)),
      options,
      allowPositionals: true,
    });
    if (values.env === '') throw new Error('--env names no file.');
    const named = [...positionals, ...steps];
    if (named.length > (command.positionals ?? 0)) throw new Error(`${named.at(-1)} is too much.`);
    return { values, positionals: named };
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
