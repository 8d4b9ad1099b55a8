export const wordsEn = {
  open: 'Instructions',
  openSet: 'Instructions: set',
  title: 'Instructions for this session',
  instructions: 'Instructions',
  instructionsHint:
    'Told to whoever answers here, behind what it is told already, from the next message on. Empty: nothing more.',
  example: 'Answer briefly, with examples in Python.',
  tooLong: '{count} characters; there may be {most}.',
  temperature: 'Temperature',
  temperatureHint: 'From 0, always much the same, to {most}, most varied. Empty: as the agent has it.',
  temperatureNone: '{model} takes no temperature: it answers without.',
  temperatureWrong: 'A number from 0 to {most}, or nothing.',
  save: 'Save',
  cancel: 'Cancel',
  notSaved: 'It could not be saved.',
};

export type Word = keyof typeof wordsEn;
