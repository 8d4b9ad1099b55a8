// The description's sentences about files in Chinese.

export const fileSentences: readonly (readonly [string, string])[] = [
  ['What is sent along with messages', '随消息发送的文件'],
  ['Store a file, for messages to name', '上传文件，供消息引用'],
  ['The bytes of a file, or a part of them', '文件的内容，或其中一部分'],
  ['A file that messages may name', '消息可以引用的文件'],
  ['A file that came with a message: GET /api/files/{id}', '随消息发送的文件：GET /api/files/{id}'],
  ['What the bytes say, whatever was declared', '由内容判断的类型，与声明的类型无关'],
  ['In bytes', '字节数'],
  ['Of its bytes, in hexadecimal', '内容的 SHA-256，十六进制'],
  ['The file', '文件'],
  ['It is the same', '没有变化'],
  ['The part that was asked for; `Content-Range` says which', '所要的部分，`Content-Range` 说明是哪一部分'],
  [
    'Its name, where the body is the file: UTF-8, or as in an address (`%E4%BD%A0`)',
    '正文就是文件时的文件名：UTF-8，或像网址那样转义（`%E4%BD%A0`）',
  ],
  [
    'A form with one file in it, or its bytes with any other `Content-Type`',
    '含有一个文件的表单；或以其他 `Content-Type` 直接发送文件内容',
  ],
  ['One part, such as `bytes=0-1023`', '其中一部分，例如 `bytes=0-1023`'],
  ['From `ETag`: 304 if it is the same', '来自 `ETag`；没有变化时为 304'],
  ['The part, if the file has this `ETag` still', '文件仍是此 `ETag` 时才只取该部分'],
  [
    'Names these bytes, for `If-None-Match` and `If-Range`',
    '标识这些内容，用于 `If-None-Match` 和 `If-Range`',
  ],
  ['The file’s name; `inline` of pictures alone', '文件名；只有图片为 `inline`'],
  ['Files that were stored with POST /api/files, by their ids', '用 POST /api/files 上传的文件的 id'],
  [
    'What you say; with images in it, a list of texts and images, as AutoGen has it. Empty only with `files`',
    '要说的内容；含图片时为文本与图片的列表，与 AutoGen 相同。只有附带 `files` 时才可以为空',
  ],
  ['How much of a file can be read', '文件中有多少内容可供阅读'],
  ['As many at most', '至多这么多字符'],
  ['Whether there is more in it, which is left out', '是否还有更多内容而被略去'],
  [
    'What models are given to read of it; null where there is nothing',
    '供模型阅读的部分；没有可读内容时为 null',
  ],
  [
    'PNG, JPEG, GIF or WebP in base64, as AutoGen has it',
    'PNG、JPEG、GIF 或 WebP 图片的 base64，与 AutoGen 相同',
  ],
  ['What came with it; its images too', '随消息发送的文件，包括图片'],
  ['Nothing is at this range', '所要的部分不存在'],
];
