// The description's sentences about versions in Chinese.

export const versionSentences: readonly (readonly [string, string])[] = [
  [
    'Says something else in an old place: behind this message, or first for null; without it, behind what was said last',
    '在原来的位置换一种说法：接在这条消息之后，null 表示作为第一条；省略则接在最后所说的之后',
  ],
  [
    'In a history: the message that it stands behind, null for the first; none of what was imported',
    '历史中：它所接的消息，第一条为 null；导入的消息没有此项',
  ],
  [
    'In a history, where there are several: all that was said in this place',
    '历史中，同一位置有多个版本时：这里说过的全部',
  ],
  ['One of what was said in the same place; oldest first', '同一位置的一个版本；最早的在前'],
  [
    'Goes to the version with this message, and to what was said last behind it',
    '切换到含这条消息的版本，以及其后最后所说的',
  ],
  ['The last message that it takes along', '带走的最后一条消息'],
  ['Up to where a session is copied', '复制到会话的何处'],
  ['Make a session of its own of what stands up to a message', '以某条消息为止的内容新建独立的会话'],
  ['The new session', '新的会话'],
  ['Only of the versions that the session shows', '只含会话当前显示的版本'],
  ['Of all versions, in the order they were said in', '包括所有版本，按说出的先后'],
  ['Who answers; without it, who answered', '由谁回答；省略则由原来的智能体'],
  ['The model for this answer, one of the agent’s `models`', '这次回答所用的模型，智能体的 `models` 之一'],
  ['Who is to answer again', '由谁重新回答'],
  [
    'Answer again what a turn answers; its reply stays, as another version',
    '重新回答某轮次所答的消息；原回复作为另一版本保留',
  ],
];
