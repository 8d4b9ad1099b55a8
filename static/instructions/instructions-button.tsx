// Below the message box: opens what this session says to whoever answers in it, and shows whether it says anything.
import { useApp } from '../shell/app-context.ts';
import { Icon } from '../shell/icon.tsx';
import { useWords } from './words.ts';

export function InstructionsButton() {
  const app = useApp();
  const say = useWords();
  const { instructions, temperature } = app.instructed();
  const isSet = instructions !== '' || temperature !== null;
  return (
    <button
      type="button"
      class={isSet ? 'tool set' : 'tool'}
      id="instructions"
      aria-haspopup="dialog"
      aria-label={say(isSet ? 'openSet' : 'open')}
      onClick={() => {
        app.dialog.value = 'instructions';
      }}
    >
      <Icon name="sliders" />
      {say('open')}
    </button>
  );
}
