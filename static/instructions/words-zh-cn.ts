import type { Word } from './words-en.ts';

export const wordsZhCn: Record<Word, string> = {
  open: '指令',
  openSet: '指令：已设置',
  title: '本会话的指令',
  instructions: '指令',
  instructionsHint: '接在智能体已有的指令之后，从下一条消息起生效。留空则不增加。',
  example: '回答要简短，并附上 Python 示例。',
  tooLong: '共 {count} 个字符；最多 {most} 个。',
  temperature: '温度',
  temperatureHint: '从 0（每次都差不多）到 {most}（变化最大）。留空则按智能体的设置。',
  temperatureNone: '{model} 不接受温度，会忽略它。',
  temperatureWrong: '请填 0 到 {most} 之间的数，或留空。',
  save: '保存',
  cancel: '取消',
  notSaved: '未能保存。',
};
