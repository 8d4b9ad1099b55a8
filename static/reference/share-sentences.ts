// The description's sentences about sessions as files and shared links in Chinese.

export const shareSentences: readonly (readonly [string, string])[] = [
  ['A session as a file', '会话文件'],
  [
    'Fields and messages as the API has them, Markdown, or a page that needs nothing beside it',
    '与 API 相同的字段和消息、Markdown，或不依赖其他文件的网页',
  ],
  [
    'The file, as long as the session: an answer that breaks off is not all of it',
    '文件，与会话等长：中途断开的响应并不完整',
  ],
  ['Whoever knows it may read what it shows', '知道它的人即可阅读所展示的内容'],
  ['A link that shows a session as it was when the link was made', '展示创建链接时会话内容的链接'],
  [
    'Make a link that shows a session as it is now, without sign-in',
    '创建链接，无需登录即可查看会话现在的内容',
  ],
  ['The link', '链接'],
  ['The links that show a session', '展示某会话的链接'],
  ['The links, newest first', '链接，最新的在前'],
  ['Take a link back', '取消链接'],
  ['It leads nowhere from now on', '从此不再指向任何内容'],
  ['What a link shows', '链接所展示的内容'],
  [
    'The session as it was: all that it showed, and nothing that was said later',
    '会话当时的内容：当时显示的全部，不含之后所说的',
  ],
  [
    'A page to read, Markdown, or the messages as the API has them',
    '供阅读的网页、Markdown，或与 API 相同的消息',
  ],
];
