// What is loaded with the first message: whoever changes one may be without a server by then.
export { EditMessage } from './edit-message.tsx';
export { MessageVersions } from './message-versions.tsx';
