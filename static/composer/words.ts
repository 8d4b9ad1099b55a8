// What is said of who answers.
import { ownWords } from '../shell/own-words.ts';

const en = { whoAnswers: 'Who answers', agentGone: '“{name}” is no longer here.' };

export const useWords = ownWords<keyof typeof en>({
  en,
  'zh-CN': { whoAnswers: '由谁回答', agentGone: '“{name}”已不在。' },
});
