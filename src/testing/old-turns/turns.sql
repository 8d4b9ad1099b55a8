INSERT INTO chat_sessions (id, owner, name, name_given, metadata, agent_state, agent_state_seq, message_count, last_seq, running_lease, queued_turns, created_at, updated_at, indexed_messages) VALUES
('01980000-0000-7000-8000-0000000000aa', 'local', 'Where does the keepe...', false, '{}', NULL, 0, 2, 2, NULL, 0, '2026-01-05 08:00:07.013456+00', '2026-01-05 08:00:00.000456+00', 2),
('01980001-0000-7000-8000-0000000000aa', 'local', 'Tell of the sea', false, '{}', NULL, 0, 4, 4, NULL, 0, '2026-01-05 08:00:28.052456+00', '2026-01-05 08:00:56.104456+00', 2),
('01980002-0000-7000-8000-0000000000aa', 'local', 'Tell me of a text', false, '{}', NULL, 0, 2, 2, NULL, 0, '2026-01-05 08:01:03.117456+00', '2026-01-05 08:01:17.143456+00', -1),
('01980003-0000-7000-8000-0000000000aa', 'local', 'Tell me of a thought...', false, '{}', NULL, 0, 2, 2, NULL, 0, '2026-01-05 08:01:24.156456+00', '2026-01-05 08:01:38.182456+00', -1),
('01980004-0000-7000-8000-0000000000aa', 'local', 'Tell me of thoughts ...', false, '{}', NULL, 0, 2, 2, NULL, 0, '2026-01-05 08:01:45.195456+00', '2026-01-05 08:01:59.221456+00', -1),
('01980005-0000-7000-8000-0000000000aa', 'local', 'Tell me of a text be...', false, '{}', NULL, 0, 2, 2, NULL, 0, '2026-01-05 08:02:06.234456+00', '2026-01-05 08:02:20.260456+00', -1),
('01980006-0000-7000-8000-0000000000aa', 'local', 'Tell me of a thought...', false, '{}', NULL, 0, 2, 2, NULL, 0, '2026-01-05 08:02:27.273456+00', '2026-01-05 08:02:41.299456+00', -1),
('01980007-0000-7000-8000-0000000000aa', 'local', 'Tell me of a thought...', false, '{}', NULL, 0, 1, 2, NULL, 0, '2026-01-05 08:02:48.312456+00', '2026-01-05 08:03:02.338456+00', -1),
('01980008-0000-7000-8000-0000000000aa', 'local', '你好，𠮷😀', false, '{}', NULL, 0, 2, 2, NULL, 0, '2026-01-05 08:03:09.351456+00', '2026-01-05 08:03:23.377456+00', -1),
('01980009-0000-7000-8000-0000000000aa', 'local', 'Tell me of a long te...', false, '{}', NULL, 0, 2, 2, NULL, 0, '2026-01-05 08:03:30.390456+00', '2026-01-05 08:03:44.416456+00', -1),
('0198000a-0000-7000-8000-0000000000aa', 'local', 'Tell me', false, '{}', NULL, 0, 2, 2, NULL, 0, '2026-01-05 08:03:51.429456+00', '2026-01-05 08:04:05.455456+00', -1),
('0198000b-0000-7000-8000-0000000000aa', 'local', 'Tell me of filtered', false, '{}', NULL, 0, 2, 2, NULL, 0, '2026-01-05 08:04:12.468456+00', '2026-01-05 08:04:26.494456+00', -1),
('0198000c-0000-7000-8000-0000000000aa', 'local', 'Tell me of failed wi...', false, '{}', NULL, 0, 1, 2, NULL, 0, '2026-01-05 08:04:33.507456+00', '2026-01-05 08:04:47.533456+00', -1),
('0198000d-0000-7000-8000-0000000000aa', 'local', 'Tell me of failed ha...', false, '{}', NULL, 0, 1, 2, NULL, 0, '2026-01-05 08:04:54.546456+00', '2026-01-05 08:05:08.572456+00', -1),
('0198000e-0000-7000-8000-0000000000aa', 'local', 'Tell me of failed, t...', false, '{}', NULL, 0, 1, 2, NULL, 0, '2026-01-05 08:05:15.585456+00', '2026-01-05 08:05:29.611456+00', -1),
('0198000f-0000-7000-8000-0000000000aa', 'local', 'Tell me of failed, w...', false, '{}', NULL, 0, 1, 2, NULL, 0, '2026-01-05 08:05:36.624456+00', '2026-01-05 08:05:50.650456+00', -1),
('01980010-0000-7000-8000-0000000000aa', 'local', 'Stop: cancelled, wit...', false, '{}', NULL, 0, 2, 2, NULL, 0, '2026-01-05 08:05:57.663456+00', '2026-01-05 08:06:18.702456+00', -1),
('01980011-0000-7000-8000-0000000000aa', 'local', 'Stop: cancelled, wit...', false, '{}', NULL, 0, 2, 2, NULL, 0, '2026-01-05 08:06:25.715456+00', '2026-01-05 08:06:46.754456+00', -1),
('01980012-0000-7000-8000-0000000000aa', 'local', 'Stop: cancelled, wit...', false, '{}', NULL, 0, 1, 2, NULL, 0, '2026-01-05 08:06:53.767456+00', '2026-01-05 08:07:14.806456+00', -1),
('01980013-0000-7000-8000-0000000000aa', 'local', 'First', false, '{}', NULL, 0, 3, 4, NULL, 0, '2026-01-05 08:07:21.819456+00', '2026-01-05 08:07:56.884456+00', -1),
('01980014-0000-7000-8000-0000000000aa', 'local', 'Begin again: taken o...', false, '{}', NULL, 0, 2, 2, NULL, 0, '2026-01-05 08:08:03.897456+00', '2026-01-05 08:08:17.923456+00', -1),
('01980015-0000-7000-8000-0000000000aa', 'local', 'Begin again: taken o...', false, '{}', NULL, 0, 2, 2, NULL, 0, '2026-01-05 08:08:24.936456+00', '2026-01-05 08:08:38.962456+00', -1),
('01980016-0000-7000-8000-0000000000aa', 'local', 'Begin again: interru...', false, '{}', NULL, 0, 1, 2, NULL, 0, '2026-01-05 08:08:45.975456+00', '2026-01-05 08:09:00.001456+00', -1),
('01980017-0000-7000-8000-0000000000aa', 'local', 'Begin again: interru...', false, '{}', NULL, 0, 2, 2, NULL, 0, '2026-01-05 08:09:07.014456+00', '2026-01-05 08:09:28.053456+00', -1),
('01980018-0000-7000-8000-0000000000aa', 'local', 'Hand it over', false, '{}', NULL, 0, 2, 2, NULL, 0, '2026-01-05 08:09:35.066456+00', '2026-01-05 08:09:49.092456+00', -1),
('01980019-0000-7000-8000-0000000000aa', 'local', 'Try: failed, retried...', false, '{}', NULL, 0, 2, 2, NULL, 0, '2026-01-05 08:09:56.105456+00', '2026-01-05 08:10:17.144456+00', -1),
('0198001a-0000-7000-8000-0000000000aa', 'local', 'Try: failed, retried...', false, '{}', NULL, 0, 1, 2, NULL, 0, '2026-01-05 08:10:24.157456+00', '2026-01-05 08:10:45.196456+00', -1),
('0198001b-0000-7000-8000-0000000000aa', 'local', 'Try: failed, retried...', false, '{}', NULL, 0, 1, 2, NULL, 0, '2026-01-05 08:10:52.209456+00', '2026-01-05 08:11:13.248456+00', -1),
('0198001c-0000-7000-8000-0000000000aa', 'local', 'Try: failed, retried...', false, '{}', NULL, 0, 2, 2, NULL, 0, '2026-01-05 08:11:20.261456+00', '2026-01-05 08:11:41.300456+00', -1),
('0198001d-0000-7000-8000-0000000000aa', 'local', 'Are you sure?', false, '{"from": "AutoGen"}', '{"type": "AssistantAgentState", "version": "1.0.0", "llm_context": {"messages": [{"type": "UserMessage", "source": "user", "content": "How is the weather? 天气"}, {"type": "AssistantMessage", "source": "helper", "content": [{"id": "c1", "name": "weather", "arguments": "{\"city\":\"西安\"}"}], "thought": "Look."}, {"type": "FunctionExecutionResultMessage", "content": [{"name": "weather", "call_id": "c1", "content": "sunny", "is_error": false}]}, {"type": "AssistantMessage", "source": "helper", "content": "It is sunny.", "thought": null}]}}', 0, 2, 2, NULL, 0, '2026-01-05 08:11:48.313456+00', '2026-01-05 08:12:02.339456+00', -1),
('0198001e-0000-7000-8000-0000000000aa', 'local', 'A given name 名字', true, '{"team": "blue"}', NULL, 0, 4, 4, NULL, 0, '2026-01-05 08:12:09.352456+00', '2026-01-05 08:12:37.404456+00', -1),
('0198001f-0000-7000-8000-0000000000aa', 'local', 'Begin', false, '{}', NULL, 0, 2, 4, '01980020-0000-4000-8000-0000000000aa', 1, '2026-01-05 08:12:44.417456+00', '2026-01-05 08:13:05.456456+00', -1),
('01980021-0000-7000-8000-0000000000aa', 'local', 'Begin again', false, '{}', NULL, 0, 1, 2, '01980022-0000-4000-8000-0000000000aa', 0, '2026-01-05 08:13:12.469456+00', '2026-01-05 08:13:19.482456+00', -1),
('01980023-0000-7000-8000-0000000000aa', 'local', 'Try', false, '{}', NULL, 0, 1, 2, '01980024-0000-4000-8000-0000000000aa', 0, '2026-01-05 08:13:40.521456+00', '2026-01-05 08:13:54.547456+00', -1),
('01980025-0000-7000-8000-0000000000aa', 'local', 'Go on', false, '{}', NULL, 0, 1, 2, '01980026-0000-4000-8000-0000000000aa', 0, '2026-01-05 08:14:01.560456+00', '2026-01-05 08:14:08.573456+00', -1),
('01980027-0000-7000-8000-0000000000aa', 'local', 'Stop it', false, '{}', NULL, 0, 1, 2, '01980028-0000-4000-8000-0000000000aa', 0, '2026-01-05 08:14:22.599456+00', '2026-01-05 08:14:29.612456+00', -1),
('01980029-0000-7000-8000-0000000000aa', 'local', 'Try hard', false, '{}', NULL, 0, 1, 2, '0198002a-0000-4000-8000-0000000000aa', 0, '2026-01-05 08:14:50.651456+00', '2026-01-05 08:14:57.664456+00', -1);
--> statement-breakpoint
INSERT INTO chat_messages (session_id, seq, id, role, source, type, content, thought, models_usage, metadata, created_at) VALUES
('01980000-0000-7000-8000-0000000000aa', 1, '0198002b-0000-7000-8000-0000000000aa', 'user', 'user', 'TextMessage', 'Where does the keeper live? 灯塔', NULL, NULL, '{}', '2026-01-05 08:00:14.026456+00'),
('01980000-0000-7000-8000-0000000000aa', 2, '0198002c-0000-7000-8000-0000000000aa', 'assistant', 'assistant', 'TextMessage', 'The lighthouse 在海边。', 'Where? ', '{"prompt_tokens": 3, "completion_tokens": 2}', '{"model": "scripted", "thought_seconds": "1.5"}', '2026-01-05 08:00:21.039456+00'),
('01980001-0000-7000-8000-0000000000aa', 1, '0198002d-0000-7000-8000-0000000000aa', 'user', 'user', 'TextMessage', 'Tell of the sea', NULL, NULL, '{}', '2026-01-05 08:00:35.065456+00'),
('01980001-0000-7000-8000-0000000000aa', 2, '0198002e-0000-7000-8000-0000000000aa', 'assistant', 'assistant', 'TextMessage', 'Chapter 1 of the whale', NULL, '{"prompt_tokens": 3, "completion_tokens": 2}', '{"model": "scripted"}', '2026-01-05 08:00:42.078456+00'),
('01980001-0000-7000-8000-0000000000aa', 3, '0198002f-0000-7000-8000-0000000000aa', 'user', 'user', 'TextMessage', 'And of the harbour 港口', NULL, NULL, '{}', '2026-01-05 08:00:49.091456+00'),
('01980001-0000-7000-8000-0000000000aa', 4, '01980030-0000-7000-8000-0000000000aa', 'assistant', 'assistant', 'TextMessage', 'Chapter 2 of the whale', NULL, '{"prompt_tokens": 3, "completion_tokens": 2}', '{"model": "scripted"}', '2026-01-05 08:00:56.104456+00'),
('01980002-0000-7000-8000-0000000000aa', 1, '01980031-0000-7000-8000-0000000000aa', 'user', 'user', 'TextMessage', 'Tell me of a text', NULL, NULL, '{}', '2026-01-05 08:01:10.130456+00'),
('01980002-0000-7000-8000-0000000000aa', 2, '01980032-0000-7000-8000-0000000000aa', 'assistant', 'assistant', 'TextMessage', 'Hello there, how are you?', NULL, '{"prompt_tokens": 3, "completion_tokens": 2}', '{"model": "scripted"}', '2026-01-05 08:01:17.143456+00'),
('01980003-0000-7000-8000-0000000000aa', 1, '01980033-0000-7000-8000-0000000000aa', 'user', 'user', 'TextMessage', 'Tell me of a thought and a text', NULL, NULL, '{}', '2026-01-05 08:01:31.169456+00'),
('01980003-0000-7000-8000-0000000000aa', 2, '01980034-0000-7000-8000-0000000000aa', 'assistant', 'assistant', 'TextMessage', 'So it is.', 'Let me see.', '{"prompt_tokens": 3, "completion_tokens": 2}', '{"model": "scripted", "thought_seconds": "1.5"}', '2026-01-05 08:01:38.182456+00'),
('01980004-0000-7000-8000-0000000000aa', 1, '01980035-0000-7000-8000-0000000000aa', 'user', 'user', 'TextMessage', 'Tell me of thoughts between texts', NULL, NULL, '{}', '2026-01-05 08:01:52.208456+00'),
('01980004-0000-7000-8000-0000000000aa', 2, '01980036-0000-7000-8000-0000000000aa', 'assistant', 'assistant', 'TextMessage', 'One, two, three.', 'Hm. And so.', '{"prompt_tokens": 3, "completion_tokens": 2}', '{"model": "scripted", "thought_seconds": "1.5"}', '2026-01-05 08:01:59.221456+00'),
('01980005-0000-7000-8000-0000000000aa', 1, '01980037-0000-7000-8000-0000000000aa', 'user', 'user', 'TextMessage', 'Tell me of a text before its thought', NULL, NULL, '{}', '2026-01-05 08:02:13.247456+00'),
('01980005-0000-7000-8000-0000000000aa', 2, '01980038-0000-7000-8000-0000000000aa', 'assistant', 'assistant', 'TextMessage', 'First. Last.', 'Was it?', '{"prompt_tokens": 3, "completion_tokens": 2}', '{"model": "scripted", "thought_seconds": "1.5"}', '2026-01-05 08:02:20.260456+00'),
('01980006-0000-7000-8000-0000000000aa', 1, '01980039-0000-7000-8000-0000000000aa', 'user', 'user', 'TextMessage', 'Tell me of a thought after the text', NULL, NULL, '{}', '2026-01-05 08:02:34.286456+00'),
('01980006-0000-7000-8000-0000000000aa', 2, '0198003a-0000-7000-8000-0000000000aa', 'assistant', 'assistant', 'TextMessage', 'Said.', 'Enough?', NULL, '{"model": "scripted", "thought_seconds": "1.5"}', '2026-01-05 08:02:41.299456+00'),
('01980007-0000-7000-8000-0000000000aa', 1, '0198003b-0000-7000-8000-0000000000aa', 'user', 'user', 'TextMessage', 'Tell me of a thought alone', NULL, NULL, '{}', '2026-01-05 08:02:55.325456+00'),
('01980008-0000-7000-8000-0000000000aa', 1, '0198003c-0000-7000-8000-0000000000aa', 'user', 'user', 'TextMessage', '你好，𠮷😀', NULL, NULL, '{}', '2026-01-05 08:03:16.364456+00'),
('01980008-0000-7000-8000-0000000000aa', 2, '0198003d-0000-7000-8000-0000000000aa', 'assistant', 'assistant', 'TextMessage', '😀好的，𠮷野家👩‍👩‍👧"é" \ 
 完', '想一想🤔𝒙=1', '{"prompt_tokens": 3, "completion_tokens": 2}', '{"model": "scripted", "thought_seconds": "1.5"}', '2026-01-05 08:03:23.377456+00'),
('01980009-0000-7000-8000-0000000000aa', 1, '0198003e-0000-7000-8000-0000000000aa', 'user', 'user', 'TextMessage', 'Tell me of a long text', NULL, NULL, '{}', '2026-01-05 08:03:37.403456+00'),
('01980009-0000-7000-8000-0000000000aa', 2, '0198003f-0000-7000-8000-0000000000aa', 'assistant', 'assistant', 'TextMessage', 'Line 0 is told once. 第0行😀
Line 1 is told once. 第1行😀
Line 2 is told once. 第2行😀
Line 3 is told once. 第3行😀
Line 4 is told once. 第4行😀
Line 5 is told once. 第5行😀
Line 6 is told once. 第6行😀
Line 7 is told once. 第7行😀
Line 8 is told once. 第8行😀
Line 9 is told once. 第9行😀
Line 10 is told once. 第10行😀
Line 11 is told once. 第11行😀
Line 12 is told once. 第12行😀
Line 13 is told once. 第13行😀
Line 14 is told once. 第14行😀
Line 15 is told once. 第15行😀
Line 16 is told once. 第16行😀
Line 17 is told once. 第17行😀
Line 18 is told once. 第18行😀
Line 19 is told once. 第19行😀
Line 20 is told once. 第20行😀
Line 21 is told once. 第21行😀
Line 22 is told once. 第22行😀
Line 23 is told once. 第23行😀
Line 24 is told once. 第24行😀
Line 25 is told once. 第25行😀
Line 26 is told once. 第26行😀
Line 27 is told once. 第27行😀
Line 28 is told once. 第28行😀
Line 29 is told once. 第29行😀
Line 30 is told once. 第30行😀
Line 31 is told once. 第31行😀
Line 32 is told once. 第32行😀
Line 33 is told once. 第33行😀
Line 34 is told once. 第34行😀
Line 35 is told once. 第35行😀
Line 36 is told once. 第36行😀
Line 37 is told once. 第37行😀
Line 38 is told once. 第38行😀
Line 39 is told once. 第39行😀
Line 40 is told once. 第40行😀
Line 41 is told once. 第41行😀
Line 42 is told once. 第42行😀
Line 43 is told once. 第43行😀
Line 44 is told once. 第44行😀
Line 45 is told once. 第45行😀
Line 46 is told once. 第46行😀
Line 47 is told once. 第47行😀
Line 48 is told once. 第48行😀
Line 49 is told once. 第49行😀
Line 50 is told once. 第50行😀
Line 51 is told once. 第51行😀
Line 52 is told once. 第52行😀
Line 53 is told once. 第53行😀
Line 54 is told once. 第54行😀
Line 55 is told once. 第55行😀
Line 56 is told once. 第56行😀
Line 57 is told once. 第57行😀
Line 58 is told once. 第58行😀
Line 59 is told once. 第59行😀
Line 60 is told once. 第60行😀
Line 61 is told once. 第61行😀
Line 62 is told once. 第62行😀
Line 63 is told once. 第63行😀
Line 64 is told once. 第64行😀
Line 65 is told once. 第65行😀
Line 66 is told once. 第66行😀
Line 67 is told once. 第67行😀
Line 68 is told once. 第68行😀
Line 69 is told once. 第69行😀
Line 70 is told once. 第70行😀
Line 71 is told once. 第71行😀
Line 72 is told once. 第72行😀
Line 73 is told once. 第73行😀
Line 74 is told once. 第74行😀
Line 75 is told once. 第75行😀
Line 76 is told once. 第76行😀
Line 77 is told once. 第77行😀
Line 78 is told once. 第78行😀
Line 79 is told once. 第79行😀
Line 80 is told once. 第80行😀
Line 81 is told once. 第81行😀
Line 82 is told once. 第82行😀
Line 83 is told once. 第83行😀
Line 84 is told once. 第84行😀
Line 85 is told once. 第85行😀
Line 86 is told once. 第86行😀
Line 87 is told once. 第87行😀
Line 88 is told once. 第88行😀
Line 89 is told once. 第89行😀
Line 90 is told once. 第90行😀
Line 91 is told once. 第91行😀
Line 92 is told once. 第92行😀
Line 93 is told once. 第93行😀
Line 94 is told once. 第94行😀
Line 95 is told once. 第95行😀
Line 96 is told once. 第96行😀
Line 97 is told once. 第97行😀
Line 98 is told once. 第98行😀
Line 99 is told once. 第99行😀
Line 100 is told once. 第0行😀
Line 101 is told once. 第1行😀
Line 102 is told once. 第2行😀
Line 103 is told once. 第3行😀
Line 104 is told once. 第4行😀
Line 105 is told once. 第5行😀
Line 106 is told once. 第6行😀
Line 107 is told once. 第7行😀
Line 108 is told once. 第8行😀
Line 109 is told once. 第9行😀
Line 110 is told once. 第10行😀
Line 111 is told once. 第11行😀
Line 112 is told once. 第12行😀
Line 113 is told once. 第13行😀
Line 114 is told once. 第14行😀
Line 115 is told once. 第15行😀
Line 116 is told once. 第16行😀
Line 117 is told once. 第17行😀
Line 118 is told once. 第18行😀
Line 119 is told once. 第19行😀
Line 120 is told once. 第20行😀
Line 121 is told once. 第21行😀
Line 122 is told once. 第22行😀
Line 123 is told once. 第23行😀
Line 124 is told once. 第24行😀
Line 125 is told once. 第25行😀
Line 126 is told once. 第26行😀
Line 127 is told once. 第27行😀
Line 128 is told once. 第28行😀
Line 129 is told once. 第29行😀
Line 130 is told once. 第30行😀
Line 131 is told once. 第31行😀
Line 132 is told once. 第32行😀
Line 133 is told once. 第33行😀
Line 134 is told once. 第34行😀
Line 135 is told once. 第35行😀
Line 136 is told once. 第36行😀
Line 137 is told once. 第37行😀
Line 138 is told once. 第38行😀
Line 139 is told once. 第39行😀
Line 140 is told once. 第40行😀
Line 141 is told once. 第41行😀
Line 142 is told once. 第42行😀
Line 143 is told once. 第43行😀
Line 144 is told once. 第44行😀
Line 145 is told once. 第45行😀
Line 146 is told once. 第46行😀
Line 147 is told once. 第47行😀
Line 148 is told once. 第48行😀
Line 149 is told once. 第49行😀
Line 150 is told once. 第50行😀
Line 151 is told once. 第51行😀
Line 152 is told once. 第52行😀
Line 153 is told once. 第53行😀
Line 154 is told once. 第54行😀
Line 155 is told once. 第55行😀
Line 156 is told once. 第56行😀
Line 157 is told once. 第57行😀
Line 158 is told once. 第58行😀
Line 159 is told once. 第59行😀
Line 160 is told once. 第60行😀
Line 161 is told once. 第61行😀
Line 162 is told once. 第62行😀
Line 163 is told once. 第63行😀
Line 164 is told once. 第64行😀
Line 165 is told once. 第65行😀
Line 166 is told once. 第66行😀
Line 167 is told once. 第67行😀
Line 168 is told once. 第68行😀
Line 169 is told once. 第69行😀
Line 170 is told once. 第70行😀
Line 171 is told once. 第71行😀
Line 172 is told once. 第72行😀
Line 173 is told once. 第73行😀
Line 174 is told once. 第74行😀
Line 175 is told once. 第75行😀
Line 176 is told once. 第76行😀
Line 177 is told once. 第77行😀
Line 178 is told once. 第78行😀
Line 179 is told once. 第79行😀
Line 180 is told once. 第80行😀
Line 181 is told once. 第81行😀
Line 182 is told once. 第82行😀
Line 183 is told once. 第83行😀
Line 184 is told once. 第84行😀
Line 185 is told once. 第85行😀
Line 186 is told once. 第86行😀
Line 187 is told once. 第87行😀
Line 188 is told once. 第88行😀
Line 189 is told once. 第89行😀
Line 190 is told once. 第90行😀
Line 191 is told once. 第91行😀
Line 192 is told once. 第92行😀
Line 193 is told once. 第93行😀
Line 194 is told once. 第94行😀
Line 195 is told once. 第95行😀
Line 196 is told once. 第96行😀
Line 197 is told once. 第97行😀
Line 198 is told once. 第98行😀
Line 199 is told once. 第99行😀
Line 200 is told once. 第0行😀
Line 201 is told once. 第1行😀
Line 202 is told once. 第2行😀
Line 203 is told once. 第3行😀
Line 204 is told once. 第4行😀
Line 205 is told once. 第5行😀
Line 206 is told once. 第6行😀
Line 207 is told once. 第7行😀
Line 208 is told once. 第8行😀
Line 209 is told once. 第9行😀
Line 210 is told once. 第10行😀
Line 211 is told once. 第11行😀
Line 212 is told once. 第12行😀
Line 213 is told once. 第13行😀
Line 214 is told once. 第14行😀
Line 215 is told once. 第15行😀
Line 216 is told once. 第16行😀
Line 217 is told once. 第17行😀
Line 218 is told once. 第18行😀
Line 219 is told once. 第19行😀
Line 220 is told once. 第20行😀
Line 221 is told once. 第21行😀
Line 222 is told once. 第22行😀
Line 223 is told once. 第23行😀
Line 224 is told once. 第24行😀
Line 225 is told once. 第25行😀
Line 226 is told once. 第26行😀
Line 227 is told once. 第27行😀
Line 228 is told once. 第28行😀
Line 229 is told once. 第29行😀
Line 230 is told once. 第30行😀
Line 231 is told once. 第31行😀
Line 232 is told once. 第32行😀
Line 233 is told once. 第33行😀
Line 234 is told once. 第34行😀
Line 235 is told once. 第35行😀
Line 236 is told once. 第36行😀
Line 237 is told once. 第37行😀
Line 238 is told once. 第38行😀
Line 239 is told once. 第39行😀
Line 240 is told once. 第40行😀
Line 241 is told once. 第41行😀
Line 242 is told once. 第42行😀
Line 243 is told once. 第43行😀
Line 244 is told once. 第44行😀
Line 245 is told once. 第45行😀
Line 246 is told once. 第46行😀
Line 247 is told once. 第47行😀
Line 248 is told once. 第48行😀
Line 249 is told once. 第49行😀
Line 250 is told once. 第50行😀
Line 251 is told once. 第51行😀
Line 252 is told once. 第52行😀
Line 253 is told once. 第53行😀
Line 254 is told once. 第54行😀
Line 255 is told once. 第55行😀
Line 256 is told once. 第56行😀
Line 257 is told once. 第57行😀
Line 258 is told once. 第58行😀
Line 259 is told once. 第59行😀
Line 260 is told once. 第60行😀
Line 261 is told once. 第61行😀
Line 262 is told once. 第62行😀
Line 263 is told once. 第63行😀
Line 264 is told once. 第64行😀
Line 265 is told once. 第65行😀
Line 266 is told once. 第66行😀
Line 267 is told once. 第67行😀
Line 268 is told once. 第68行😀
Line 269 is told once. 第69行😀
Line 270 is told once. 第70行😀
Line 271 is told once. 第71行😀
Line 272 is told once. 第72行😀
Line 273 is told once. 第73行😀
Line 274 is told once. 第74行😀
Line 275 is told once. 第75行😀
Line 276 is told once. 第76行😀
Line 277 is told once. 第77行😀
Line 278 is told once. 第78行😀
Line 279 is told once. 第79行😀
Line 280 is told once. 第80行😀
Line 281 is told once. 第81行😀
Line 282 is told once. 第82行😀
Line 283 is told once. 第83行😀
Line 284 is told once. 第84行😀
Line 285 is told once. 第85行😀
Line 286 is told once. 第86行😀
Line 287 is told once. 第87行😀
Line 288 is told once. 第88行😀
Line 289 is told once. 第89行😀
Line 290 is told once. 第90行😀
Line 291 is told once. 第91行😀
Line 292 is told once. 第92行😀
Line 293 is told once. 第93行😀
Line 294 is told once. 第94行😀
Line 295 is told once. 第95行😀
Line 296 is told once. 第96行😀
Line 297 is told once. 第97行😀
Line 298 is told once. 第98行😀
Line 299 is told once. 第99行😀
Line 300 is told once. 第0行😀
Line 301 is told once. 第1行😀
Line 302 is told once. 第2行😀
Line 303 is told once. 第3行😀
Line 304 is told once. 第4行😀
Line 305 is told once. 第5行😀
Line 306 is told once. 第6行😀
Line 307 is told once. 第7行😀
Line 308 is told once. 第8行😀
Line 309 is told once. 第9行😀
Line 310 is told once. 第10行😀
Line 311 is told once. 第11行😀
Line 312 is told once. 第12行😀
Line 313 is told once. 第13行😀
Line 314 is told once. 第14行😀
Line 315 is told once. 第15行😀
Line 316 is told once. 第16行😀
Line 317 is told once. 第17行😀
Line 318 is told once. 第18行😀
Line 319 is told once. 第19行😀
Line 320 is told once. 第20行😀
Line 321 is told once. 第21行😀
Line 322 is told once. 第22行😀
Line 323 is told once. 第23行😀
Line 324 is told once. 第24行😀
Line 325 is told once. 第25行😀
Line 326 is told once. 第26行😀
Line 327 is told once. 第27行😀
Line 328 is told once. 第28行😀
Line 329 is told once. 第29行😀
Line 330 is told once. 第30行😀
Line 331 is told once. 第31行😀
Line 332 is told once. 第32行😀
Line 333 is told once. 第33行😀
Line 334 is told once. 第34行😀
Line 335 is told once. 第35行😀
Line 336 is told once. 第36行😀
Line 337 is told once. 第37行😀
Line 338 is told once. 第38行😀
Line 339 is told once. 第39行😀
Line 340 is told once. 第40行😀
Line 341 is told once. 第41行😀
Line 342 is told once. 第42行😀
Line 343 is told once. 第43行😀
Line 344 is told once. 第44行😀
Line 345 is told once. 第45行😀
Line 346 is told once. 第46行😀
Line 347 is told once. 第47行😀
Line 348 is told once. 第48行😀
Line 349 is told once. 第49行😀
Line 350 is told once. 第50行😀
Line 351 is told once. 第51行😀
Line 352 is told once. 第52行😀
Line 353 is told once. 第53行😀
Line 354 is told once. 第54行😀
Line 355 is told once. 第55行😀
Line 356 is told once. 第56行😀
Line 357 is told once. 第57行😀
Line 358 is told once. 第58行😀
Line 359 is told once. 第59行😀
Line 360 is told once. 第60行😀
Line 361 is told once. 第61行😀
Line 362 is told once. 第62行😀
Line 363 is told once. 第63行😀
Line 364 is told once. 第64行😀
Line 365 is told once. 第65行😀
Line 366 is told once. 第66行😀
Line 367 is told once. 第67行😀
Line 368 is told once. 第68行😀
Line 369 is told once. 第69行😀
Line 370 is told once. 第70行😀
Line 371 is told once. 第71行😀
Line 372 is told once. 第72行😀
Line 373 is told once. 第73行😀
Line 374 is told once. 第74行😀
Line 375 is told once. 第75行😀
Line 376 is told once. 第76行😀
Line 377 is told once. 第77行😀
Line 378 is told once. 第78行😀
Line 379 is told once. 第79行😀
Line 380 is told once. 第80行😀
Line 381 is told once. 第81行😀
Line 382 is told once. 第82行😀
Line 383 is told once. 第83行😀
Line 384 is told once. 第84行😀
Line 385 is told once. 第85行😀
Line 386 is told once. 第86行😀
Line 387 is told once. 第87行😀
Line 388 is told once. 第88行😀
Line 389 is told once. 第89行😀
Line 390 is told once. 第90行😀
Line 391 is told once. 第91行😀
Line 392 is told once. 第92行😀
Line 393 is told once. 第93行😀
Line 394 is told once. 第94行😀
Line 395 is told once. 第95行😀
Line 396 is told once. 第96行😀
Line 397 is told once. 第97行😀
Line 398 is told once. 第98行😀
Line 399 is told once. 第99行😀
Line 400 is told once. 第0行😀
Line 401 is told once. 第1行😀
Line 402 is told once. 第2行😀
Line 403 is told once. 第3行😀
Line 404 is told once. 第4行😀
Line 405 is told once. 第5行😀
Line 406 is told once. 第6行😀
Line 407 is told once. 第7行😀
Line 408 is told once. 第8行😀
Line 409 is told once. 第9行😀
Line 410 is told once. 第10行😀
Line 411 is told once. 第11行😀
Line 412 is told once. 第12行😀
Line 413 is told once. 第13行😀
Line 414 is told once. 第14行😀
Line 415 is told once. 第15行😀
Line 416 is told once. 第16行😀
Line 417 is told once. 第17行😀
Line 418 is told once. 第18行😀
Line 419 is told once. 第19行😀
Line 420 is told once. 第20行😀
Line 421 is told once. 第21行😀
Line 422 is told once. 第22行😀
Line 423 is told once. 第23行😀
Line 424 is told once. 第24行😀
Line 425 is told once. 第25行😀
Line 426 is told once. 第26行😀
Line 427 is told once. 第27行😀
Line 428 is told once. 第28行😀
Line 429 is told once. 第29行😀
Line 430 is told once. 第30行😀
Line 431 is told once. 第31行😀
Line 432 is told once. 第32行😀
Line 433 is told once. 第33行😀
Line 434 is told once. 第34行😀
Line 435 is told once. 第35行😀
Line 436 is told once. 第36行😀
Line 437 is told once. 第37行😀
Line 438 is told once. 第38行😀
Line 439 is told once. 第39行😀
Line 440 is told once. 第40行😀
Line 441 is told once. 第41行😀
Line 442 is told once. 第42行😀
Line 443 is told once. 第43行😀
Line 444 is told once. 第44行😀
Line 445 is told once. 第45行😀
Line 446 is told once. 第46行😀
Line 447 is told once. 第47行😀
Line 448 is told once. 第48行😀
Line 449 is told once. 第49行😀
Line 450 is told once. 第50行😀
Line 451 is told once. 第51行😀
Line 452 is told once. 第52行😀
Line 453 is told once. 第53行😀
Line 454 is told once. 第54行😀
Line 455 is told once. 第55行😀
Line 456 is told once. 第56行😀
Line 457 is told once. 第57行😀
Line 458 is told once. 第58行😀
Line 459 is told once. 第59行😀
Line 460 is told once. 第60行😀
Line 461 is told once. 第61行😀
Line 462 is told once. 第62行😀
Line 463 is told once. 第63行😀
Line 464 is told once. 第64行😀
Line 465 is told once. 第65行😀
Line 466 is told once. 第66行😀
Line 467 is told once. 第67行😀
Line 468 is told once. 第68行😀
Line 469 is told once. 第69行😀
Line 470 is told once. 第70行😀
Line 471 is told once. 第71行😀
Line 472 is told once. 第72行😀
Line 473 is told once. 第73行😀
Line 474 is told once. 第74行😀
Line 475 is told once. 第75行😀
Line 476 is told once. 第76行😀
Line 477 is told once. 第77行😀
Line 478 is told once. 第78行😀
Line 479 is told once. 第79行😀
Line 480 is told once. 第80行😀
Line 481 is told once. 第81行😀
Line 482 is told once. 第82行😀
Line 483 is told once. 第83行😀
Line 484 is told once. 第84行😀
Line 485 is told once. 第85行😀
Line 486 is told once. 第86行😀
Line 487 is told once. 第87行😀
Line 488 is told once. 第88行😀
Line 489 is told once. 第89行😀
Line 490 is told once. 第90行😀
Line 491 is told once. 第91行😀
Line 492 is told once. 第92行😀
Line 493 is told once. 第93行😀
Line 494 is told once. 第94行😀
Line 495 is told once. 第95行😀
Line 496 is told once. 第96行😀
Line 497 is told once. 第97行😀
Line 498 is told once. 第98行😀
Line 499 is told once. 第99行😀
Line 500 is told once. 第0行😀
Line 501 is told once. 第1行😀
Line 502 is told once. 第2行😀
Line 503 is told once. 第3行😀
Line 504 is told once. 第4行😀
Line 505 is told once. 第5行😀
Line 506 is told once. 第6行😀
Line 507 is told once. 第7行😀
Line 508 is told once. 第8行😀
Line 509 is told once. 第9行😀
Line 510 is told once. 第10行😀
Line 511 is told once. 第11行😀
Line 512 is told once. 第12行😀
Line 513 is told once. 第13行😀
Line 514 is told once. 第14行😀
Line 515 is told once. 第15行😀
Line 516 is told once. 第16行😀
Line 517 is told once. 第17行😀
Line 518 is told once. 第18行😀
Line 519 is told once. 第19行😀
Line 520 is told once. 第20行😀
Line 521 is told once. 第21行😀
Line 522 is told once. 第22行😀
Line 523 is told once. 第23行😀
Line 524 is told once. 第24行😀
Line 525 is told once. 第25行😀
Line 526 is told once. 第26行😀
Line 527 is told once. 第27行😀
Line 528 is told once. 第28行😀
Line 529 is told once. 第29行😀
Line 530 is told once. 第30行😀
Line 531 is told once. 第31行😀
Line 532 is told once. 第32行😀
Line 533 is told once. 第33行😀
Line 534 is told once. 第34行😀
Line 535 is told once. 第35行😀
Line 536 is told once. 第36行😀
Line 537 is told once. 第37行😀
Line 538 is told once. 第38行😀
Line 539 is told once. 第39行😀
Line 540 is told once. 第40行😀
Line 541 is told once. 第41行😀
Line 542 is told once. 第42行😀
Line 543 is told once. 第43行😀
Line 544 is told once. 第44行😀
Line 545 is told once. 第45行😀
Line 546 is told once. 第46行😀
Line 547 is told once. 第47行😀
Line 548 is told once. 第48行😀
Line 549 is told once. 第49行😀
Line 550 is told once. 第50行😀
Line 551 is told once. 第51行😀
Line 552 is told once. 第52行😀
Line 553 is told once. 第53行😀
Line 554 is told once. 第54行😀
Line 555 is told once. 第55行😀
Line 556 is told once. 第56行😀
Line 557 is told once. 第57行😀
Line 558 is told once. 第58行😀
Line 559 is told once. 第59行😀
Line 560 is told once. 第60行😀
Line 561 is told once. 第61行😀
Line 562 is told once. 第62行😀
Line 563 is told once. 第63行😀
Line 564 is told once. 第64行😀
Line 565 is told once. 第65行😀
Line 566 is told once. 第66行😀
Line 567 is told once. 第67行😀
Line 568 is told once. 第68行😀
Line 569 is told once. 第69行😀
Line 570 is told once. 第70行😀
Line 571 is told once. 第71行😀
Line 572 is told once. 第72行😀
Line 573 is told once. 第73行😀
Line 574 is told once. 第74行😀
Line 575 is told once. 第75行😀
Line 576 is told once. 第76行😀
Line 577 is told once. 第77行😀
Line 578 is told once. 第78行😀
Line 579 is told once. 第79行😀
Line 580 is told once. 第80行😀
Line 581 is told once. 第81行😀
Line 582 is told once. 第82行😀
Line 583 is told once. 第83行😀
Line 584 is told once. 第84行😀
Line 585 is told once. 第85行😀
Line 586 is told once. 第86行😀
Line 587 is told once. 第87行😀
Line 588 is told once. 第88行😀
Line 589 is told once. 第89行😀
Line 590 is told once. 第90行😀
Line 591 is told once. 第91行😀
Line 592 is told once. 第92行😀
Line 593 is told once. 第93行😀
Line 594 is told once. 第94行😀
Line 595 is told once. 第95行😀
Line 596 is told once. 第96行😀
Line 597 is told once. 第97行😀
Line 598 is told once. 第98行😀
Line 599 is told once. 第99行😀
Line 600 is told once. 第0行😀
Line 601 is told once. 第1行😀
Line 602 is told once. 第2行😀
Line 603 is told once. 第3行😀
Line 604 is told once. 第4行😀
Line 605 is told once. 第5行😀
Line 606 is told once. 第6行😀
Line 607 is told once. 第7行😀
Line 608 is told once. 第8行😀
Line 609 is told once. 第9行😀
Line 610 is told once. 第10行😀
Line 611 is told once. 第11行😀
Line 612 is told once. 第12行😀
Line 613 is told once. 第13行😀
Line 614 is told once. 第14行😀
Line 615 is told once. 第15行😀
Line 616 is told once. 第16行😀
Line 617 is told once. 第17行😀
Line 618 is told once. 第18行😀
Line 619 is told once. 第19行😀
Line 620 is told once. 第20行😀
Line 621 is told once. 第21行😀
Line 622 is told once. 第22行😀
Line 623 is told once. 第23行😀
Line 624 is told once. 第24行😀
Line 625 is told once. 第25行😀
Line 626 is told once. 第26行😀
Line 627 is told once. 第27行😀
Line 628 is told once. 第28行😀
Line 629 is told once. 第29行😀
Line 630 is told once. 第30行😀
Line 631 is told once. 第31行😀
Line 632 is told once. 第32行😀
Line 633 is told once. 第33行😀
Line 634 is told once. 第34行😀
Line 635 is told once. 第35行😀
Line 636 is told once. 第36行😀
Line 637 is told once. 第37行😀
Line 638 is told once. 第38行😀
Line 639 is told once. 第39行😀
Line 640 is told once. 第40行😀
Line 641 is told once. 第41行😀
Line 642 is told once. 第42行😀
Line 643 is told once. 第43行😀
Line 644 is told once. 第44行😀
Line 645 is told once. 第45行😀
Line 646 is told once. 第46行😀
Line 647 is told once. 第47行😀
Line 648 is told once. 第48行😀
Line 649 is told once. 第49行😀
Line 650 is told once. 第50行😀
Line 651 is told once. 第51行😀
Line 652 is told once. 第52行😀
Line 653 is told once. 第53行😀
Line 654 is told once. 第54行😀
Line 655 is told once. 第55行😀
Line 656 is told once. 第56行😀
Line 657 is told once. 第57行😀
Line 658 is told once. 第58行😀
Line 659 is told once. 第59行😀
Line 660 is told once. 第60行😀
Line 661 is told once. 第61行😀
Line 662 is told once. 第62行😀
Line 663 is told once. 第63行😀
Line 664 is told once. 第64行😀
Line 665 is told once. 第65行😀
Line 666 is told once. 第66行😀
Line 667 is told once. 第67行😀
Line 668 is told once. 第68行😀
Line 669 is told once. 第69行😀
Line 670 is told once. 第70行😀
Line 671 is told once. 第71行😀
Line 672 is told once. 第72行😀
Line 673 is told once. 第73行😀
Line 674 is told once. 第74行😀
Line 675 is told once. 第75行😀
Line 676 is told once. 第76行😀
Line 677 is told once. 第77行😀
Line 678 is told once. 第78行😀
Line 679 is told once. 第79行😀
Line 680 is told once. 第80行😀
Line 681 is told once. 第81行😀
Line 682 is told once. 第82行😀
Line 683 is told once. 第83行😀
Line 684 is told once. 第84行😀
Line 685 is told once. 第85行😀
Line 686 is told once. 第86行😀
Line 687 is told once. 第87行😀
Line 688 is told once. 第88行😀
Line 689 is told once. 第89行😀
Line 690 is told once. 第90行😀
Line 691 is told once. 第91行😀
Line 692 is told once. 第92行😀
Line 693 is told once. 第93行😀
Line 694 is told once. 第94行😀
Line 695 is told once. 第95行😀
Line 696 is told once. 第96行😀
Line 697 is told once. 第97行😀
Line 698 is told once. 第98行😀
Line 699 is told once. 第99行😀
', 'Long, they said.', '{"prompt_tokens": 3, "completion_tokens": 2}', '{"model": "scripted", "thought_seconds": "1.5"}', '2026-01-05 08:03:44.416456+00'),
('0198000a-0000-7000-8000-0000000000aa', 1, '01980040-0000-7000-8000-0000000000aa', 'user', 'Alice', 'TextMessage', 'Tell me', NULL, '{"prompt_tokens": 1, "completion_tokens": 0}', '{"数": "一", "mood": "good"}', '2026-01-05 08:03:58.442456+00'),
('0198000a-0000-7000-8000-0000000000aa', 2, '01980041-0000-7000-8000-0000000000aa', 'assistant', 'assistant', 'TextMessage', 'As much as fits', NULL, '{"prompt_tokens": 1200, "completion_tokens": 8}', '{"demo": "true", "model": "scripted", "finish_reason": "length"}', '2026-01-05 08:04:05.455456+00'),
('0198000b-0000-7000-8000-0000000000aa', 1, '01980042-0000-7000-8000-0000000000aa', 'user', 'user', 'TextMessage', 'Tell me of filtered', NULL, NULL, '{}', '2026-01-05 08:04:19.481456+00'),
('0198000b-0000-7000-8000-0000000000aa', 2, '01980043-0000-7000-8000-0000000000aa', 'assistant', 'assistant', 'TextMessage', 'I may ', 'May I?', NULL, '{"model": "scripted", "finish_reason": "content_filter", "thought_seconds": "1.5"}', '2026-01-05 08:04:26.494456+00'),
('0198000c-0000-7000-8000-0000000000aa', 1, '01980044-0000-7000-8000-0000000000aa', 'user', 'user', 'TextMessage', 'Tell me of failed with nothing', NULL, NULL, '{}', '2026-01-05 08:04:40.520456+00'),
('0198000d-0000-7000-8000-0000000000aa', 1, '01980045-0000-7000-8000-0000000000aa', 'user', 'user', 'TextMessage', 'Tell me of failed half-way', NULL, NULL, '{}', '2026-01-05 08:05:01.559456+00'),
('0198000e-0000-7000-8000-0000000000aa', 1, '01980046-0000-7000-8000-0000000000aa', 'user', 'user', 'TextMessage', 'Tell me of failed, to come back later', NULL, NULL, '{}', '2026-01-05 08:05:22.598456+00'),
('0198000f-0000-7000-8000-0000000000aa', 1, '01980047-0000-7000-8000-0000000000aa', 'user', 'user', 'TextMessage', 'Tell me of failed, with nothing to be done', NULL, NULL, '{}', '2026-01-05 08:05:43.637456+00'),
('01980010-0000-7000-8000-0000000000aa', 1, '01980048-0000-7000-8000-0000000000aa', 'user', 'user', 'TextMessage', 'Stop: cancelled, with something kept', NULL, NULL, '{}', '2026-01-05 08:06:04.676456+00'),
('01980010-0000-7000-8000-0000000000aa', 2, '01980049-0000-7000-8000-0000000000aa', 'assistant', 'assistant', 'TextMessage', 'so far', 'To say: ', NULL, '{"model": "scripted", "cancelled": "true", "thought_seconds": "1.5"}', '2026-01-05 08:06:18.702456+00'),
('01980011-0000-7000-8000-0000000000aa', 1, '0198004a-0000-7000-8000-0000000000aa', 'user', 'user', 'TextMessage', 'Stop: cancelled, with a thought kept', NULL, NULL, '{}', '2026-01-05 08:06:32.728456+00'),
('01980011-0000-7000-8000-0000000000aa', 2, '0198004b-0000-7000-8000-0000000000aa', 'assistant', 'assistant', 'TextMessage', '', 'Thought of it', NULL, '{"model": "scripted", "cancelled": "true", "thought_seconds": "1.5"}', '2026-01-05 08:06:46.754456+00'),
('01980012-0000-7000-8000-0000000000aa', 1, '0198004c-0000-7000-8000-0000000000aa', 'user', 'user', 'TextMessage', 'Stop: cancelled, with nothing', NULL, NULL, '{}', '2026-01-05 08:07:00.780456+00'),
('01980013-0000-7000-8000-0000000000aa', 1, '0198004d-0000-7000-8000-0000000000aa', 'user', 'user', 'TextMessage', 'First', NULL, NULL, '{}', '2026-01-05 08:07:28.832456+00'),
('01980013-0000-7000-8000-0000000000aa', 2, '0198004e-0000-7000-8000-0000000000aa', 'assistant', 'assistant', 'TextMessage', 'In time', NULL, '{"prompt_tokens": 3, "completion_tokens": 2}', '{"model": "scripted"}', '2026-01-05 08:07:56.884456+00'),
('01980013-0000-7000-8000-0000000000aa', 3, '0198004f-0000-7000-8000-0000000000aa', 'user', 'user', 'TextMessage', 'Second', NULL, NULL, '{}', '2026-01-05 08:07:35.845456+00'),
('01980014-0000-7000-8000-0000000000aa', 1, '01980050-0000-7000-8000-0000000000aa', 'user', 'user', 'TextMessage', 'Begin again: taken over', NULL, NULL, '{}', '2026-01-05 08:08:10.910456+00'),
('01980014-0000-7000-8000-0000000000aa', 2, '01980051-0000-7000-8000-0000000000aa', 'assistant', 'assistant', 'TextMessage', 'The second.', 'Now. ', '{"prompt_tokens": 3, "completion_tokens": 2}', '{"model": "scripted", "thought_seconds": "1.5"}', '2026-01-05 08:08:17.923456+00'),
('01980015-0000-7000-8000-0000000000aa', 1, '01980052-0000-7000-8000-0000000000aa', 'user', 'user', 'TextMessage', 'Begin again: taken over twice', NULL, NULL, '{}', '2026-01-05 08:08:31.949456+00'),
('01980015-0000-7000-8000-0000000000aa', 2, '01980053-0000-7000-8000-0000000000aa', 'assistant', 'assistant', 'TextMessage', 'The third.', 'Third? ', '{"prompt_tokens": 3, "completion_tokens": 2}', '{"model": "scripted", "thought_seconds": "1.5"}', '2026-01-05 08:08:38.962456+00'),
('01980016-0000-7000-8000-0000000000aa', 1, '01980054-0000-7000-8000-0000000000aa', 'user', 'user', 'TextMessage', 'Begin again: interrupted too often', NULL, NULL, '{}', '2026-01-05 08:08:52.988456+00'),
('01980017-0000-7000-8000-0000000000aa', 1, '01980055-0000-7000-8000-0000000000aa', 'user', 'user', 'TextMessage', 'Begin again: interrupted too often, and retried', NULL, NULL, '{}', '2026-01-05 08:09:14.027456+00'),
('01980017-0000-7000-8000-0000000000aa', 2, '01980056-0000-7000-8000-0000000000aa', 'assistant', 'assistant', 'TextMessage', 'At last.', 'Aha. ', '{"prompt_tokens": 3, "completion_tokens": 2}', '{"model": "scripted", "thought_seconds": "1.5"}', '2026-01-05 08:09:28.053456+00'),
('01980018-0000-7000-8000-0000000000aa', 1, '01980057-0000-7000-8000-0000000000aa', 'user', 'user', 'TextMessage', 'Hand it over', NULL, NULL, '{}', '2026-01-05 08:09:42.079456+00'),
('01980018-0000-7000-8000-0000000000aa', 2, '01980058-0000-7000-8000-0000000000aa', 'assistant', 'assistant', 'TextMessage', 'Taken on.', NULL, '{"prompt_tokens": 3, "completion_tokens": 2}', '{"model": "scripted"}', '2026-01-05 08:09:49.092456+00'),
('01980019-0000-7000-8000-0000000000aa', 1, '01980059-0000-7000-8000-0000000000aa', 'user', 'user', 'TextMessage', 'Try: failed, retried and completed', NULL, NULL, '{}', '2026-01-05 08:10:03.118456+00'),
('01980019-0000-7000-8000-0000000000aa', 2, '0198005a-0000-7000-8000-0000000000aa', 'assistant', 'assistant', 'TextMessage', 'the whole', 'Again. ', '{"prompt_tokens": 3, "completion_tokens": 2}', '{"model": "scripted", "thought_seconds": "1.5"}', '2026-01-05 08:10:17.144456+00'),
('0198001a-0000-7000-8000-0000000000aa', 1, '0198005b-0000-7000-8000-0000000000aa', 'user', 'user', 'TextMessage', 'Try: failed, retried and failed again', NULL, NULL, '{}', '2026-01-05 08:10:31.170456+00'),
('0198001b-0000-7000-8000-0000000000aa', 1, '0198005c-0000-7000-8000-0000000000aa', 'user', 'user', 'TextMessage', 'Try: failed, retried and failed with nothing', NULL, NULL, '{}', '2026-01-05 08:10:59.222456+00'),
('0198001c-0000-7000-8000-0000000000aa', 1, '0198005d-0000-7000-8000-0000000000aa', 'user', 'user', 'TextMessage', 'Try: failed, retried twice and completed', NULL, NULL, '{}', '2026-01-05 08:11:27.274456+00'),
('0198001c-0000-7000-8000-0000000000aa', 2, '0198005e-0000-7000-8000-0000000000aa', 'assistant', 'assistant', 'TextMessage', 'all of it', NULL, '{"prompt_tokens": 3, "completion_tokens": 2}', '{"model": "scripted"}', '2026-01-05 08:11:41.300456+00'),
('0198001d-0000-7000-8000-0000000000aa', 1, '0198005f-0000-7000-8000-0000000000aa', 'user', 'user', 'TextMessage', 'Are you sure?', NULL, NULL, '{}', '2026-01-05 08:11:55.326456+00'),
('0198001d-0000-7000-8000-0000000000aa', 2, '01980060-0000-7000-8000-0000000000aa', 'assistant', 'assistant', 'TextMessage', 'As I said.', 'Did I? ', '{"prompt_tokens": 3, "completion_tokens": 2}', '{"model": "scripted", "thought_seconds": "1.5"}', '2026-01-05 08:12:02.339456+00'),
('0198001e-0000-7000-8000-0000000000aa', 1, '01980061-0000-7000-8000-0000000000aa', 'user', 'user', 'TextMessage', 'One?', NULL, NULL, '{}', '2026-01-05 08:12:16.365456+00'),
('0198001e-0000-7000-8000-0000000000aa', 2, '01980062-0000-7000-8000-0000000000aa', 'assistant', 'assistant', 'TextMessage', 'Answer 1', NULL, '{"prompt_tokens": 3, "completion_tokens": 2}', '{"model": "scripted"}', '2026-01-05 08:12:23.378456+00'),
('0198001e-0000-7000-8000-0000000000aa', 3, '01980063-0000-7000-8000-0000000000aa', 'user', 'user', 'TextMessage', 'Two?', NULL, NULL, '{}', '2026-01-05 08:12:30.391456+00'),
('0198001e-0000-7000-8000-0000000000aa', 4, '01980064-0000-7000-8000-0000000000aa', 'assistant', 'assistant', 'TextMessage', 'Answer 2', NULL, '{"prompt_tokens": 3, "completion_tokens": 2}', '{"model": "scripted"}', '2026-01-05 08:12:37.404456+00'),
('0198001f-0000-7000-8000-0000000000aa', 1, '01980065-0000-7000-8000-0000000000aa', 'user', 'user', 'TextMessage', 'Begin', NULL, NULL, '{}', '2026-01-05 08:12:51.430456+00'),
('0198001f-0000-7000-8000-0000000000aa', 3, '01980066-0000-7000-8000-0000000000aa', 'user', 'user', 'TextMessage', 'And then?', NULL, NULL, '{}', '2026-01-05 08:13:05.456456+00'),
('01980021-0000-7000-8000-0000000000aa', 1, '01980067-0000-7000-8000-0000000000aa', 'user', 'user', 'TextMessage', 'Begin again', NULL, NULL, '{}', '2026-01-05 08:13:19.482456+00'),
('01980023-0000-7000-8000-0000000000aa', 1, '01980068-0000-7000-8000-0000000000aa', 'user', 'user', 'TextMessage', 'Try', NULL, NULL, '{}', '2026-01-05 08:13:47.534456+00'),
('01980025-0000-7000-8000-0000000000aa', 1, '01980069-0000-7000-8000-0000000000aa', 'user', 'user', 'TextMessage', 'Go on', NULL, NULL, '{}', '2026-01-05 08:14:08.573456+00'),
('01980027-0000-7000-8000-0000000000aa', 1, '0198006a-0000-7000-8000-0000000000aa', 'user', 'user', 'TextMessage', 'Stop it', NULL, NULL, '{}', '2026-01-05 08:14:29.612456+00'),
('01980029-0000-7000-8000-0000000000aa', 1, '0198006b-0000-7000-8000-0000000000aa', 'user', 'user', 'TextMessage', 'Try hard', NULL, NULL, '{}', '2026-01-05 08:14:57.664456+00');
--> statement-breakpoint
INSERT INTO chat_turns (session_id, id, status, seq, error, attempt, interruptions, idempotency_key, request_hash, lease, lease_until, cancel_requested_at, created_at, started_at, finished_at) VALUES
('01980000-0000-7000-8000-0000000000aa', '0198006c-0000-7000-8000-0000000000aa', 'completed', 1, NULL, 1, 0, NULL, NULL, '0198006d-0000-4000-8000-0000000000aa', NULL, NULL, '2026-01-05 08:00:14.026456+00', '2026-01-05 08:00:14.026456+00', '2026-01-05 08:00:21.039456+00'),
('01980001-0000-7000-8000-0000000000aa', '0198006e-0000-7000-8000-0000000000aa', 'completed', 1, NULL, 1, 0, NULL, NULL, '0198006f-0000-4000-8000-0000000000aa', NULL, NULL, '2026-01-05 08:00:35.065456+00', '2026-01-05 08:00:35.065456+00', '2026-01-05 08:00:42.078456+00'),
('01980001-0000-7000-8000-0000000000aa', '01980070-0000-7000-8000-0000000000aa', 'completed', 3, NULL, 1, 0, NULL, NULL, '01980071-0000-4000-8000-0000000000aa', NULL, NULL, '2026-01-05 08:00:49.091456+00', '2026-01-05 08:00:49.091456+00', '2026-01-05 08:00:56.104456+00'),
('01980002-0000-7000-8000-0000000000aa', '01980072-0000-7000-8000-0000000000aa', 'completed', 1, NULL, 1, 0, NULL, NULL, '01980073-0000-4000-8000-0000000000aa', NULL, NULL, '2026-01-05 08:01:10.130456+00', '2026-01-05 08:01:10.130456+00', '2026-01-05 08:01:17.143456+00'),
('01980003-0000-7000-8000-0000000000aa', '01980074-0000-7000-8000-0000000000aa', 'completed', 1, NULL, 1, 0, NULL, NULL, '01980075-0000-4000-8000-0000000000aa', NULL, NULL, '2026-01-05 08:01:31.169456+00', '2026-01-05 08:01:31.169456+00', '2026-01-05 08:01:38.182456+00'),
('01980004-0000-7000-8000-0000000000aa', '01980076-0000-7000-8000-0000000000aa', 'completed', 1, NULL, 1, 0, NULL, NULL, '01980077-0000-4000-8000-0000000000aa', NULL, NULL, '2026-01-05 08:01:52.208456+00', '2026-01-05 08:01:52.208456+00', '2026-01-05 08:01:59.221456+00'),
('01980005-0000-7000-8000-0000000000aa', '01980078-0000-7000-8000-0000000000aa', 'completed', 1, NULL, 1, 0, NULL, NULL, '01980079-0000-4000-8000-0000000000aa', NULL, NULL, '2026-01-05 08:02:13.247456+00', '2026-01-05 08:02:13.247456+00', '2026-01-05 08:02:20.260456+00'),
('01980006-0000-7000-8000-0000000000aa', '0198007a-0000-7000-8000-0000000000aa', 'completed', 1, NULL, 1, 0, NULL, NULL, '0198007b-0000-4000-8000-0000000000aa', NULL, NULL, '2026-01-05 08:02:34.286456+00', '2026-01-05 08:02:34.286456+00', '2026-01-05 08:02:41.299456+00'),
('01980007-0000-7000-8000-0000000000aa', '0198007c-0000-7000-8000-0000000000aa', 'failed', 1, '{"code": "model_empty", "reason": {"en": "it thought, but did not answer", "zh-CN": "模型只有思考，没有回答"}}', 1, 0, NULL, NULL, '0198007d-0000-4000-8000-0000000000aa', NULL, NULL, '2026-01-05 08:02:55.325456+00', '2026-01-05 08:02:55.325456+00', '2026-01-05 08:03:02.338456+00'),
('01980008-0000-7000-8000-0000000000aa', '0198007e-0000-7000-8000-0000000000aa', 'completed', 1, NULL, 1, 0, NULL, NULL, '0198007f-0000-4000-8000-0000000000aa', NULL, NULL, '2026-01-05 08:03:16.364456+00', '2026-01-05 08:03:16.364456+00', '2026-01-05 08:03:23.377456+00'),
('01980009-0000-7000-8000-0000000000aa', '01980080-0000-7000-8000-0000000000aa', 'completed', 1, NULL, 1, 0, NULL, NULL, '01980081-0000-4000-8000-0000000000aa', NULL, NULL, '2026-01-05 08:03:37.403456+00', '2026-01-05 08:03:37.403456+00', '2026-01-05 08:03:44.416456+00'),
('0198000a-0000-7000-8000-0000000000aa', '01980082-0000-7000-8000-0000000000aa', 'completed', 1, NULL, 1, 0, NULL, NULL, '01980083-0000-4000-8000-0000000000aa', NULL, NULL, '2026-01-05 08:03:58.442456+00', '2026-01-05 08:03:58.442456+00', '2026-01-05 08:04:05.455456+00'),
('0198000b-0000-7000-8000-0000000000aa', '01980084-0000-7000-8000-0000000000aa', 'completed', 1, NULL, 1, 0, NULL, NULL, '01980085-0000-4000-8000-0000000000aa', NULL, NULL, '2026-01-05 08:04:19.481456+00', '2026-01-05 08:04:19.481456+00', '2026-01-05 08:04:26.494456+00'),
('0198000c-0000-7000-8000-0000000000aa', '01980086-0000-7000-8000-0000000000aa', 'failed', 1, '{"code": "model_failed", "reason": {"en": "no luck", "zh-CN": "运气不好"}}', 1, 0, NULL, NULL, '01980087-0000-4000-8000-0000000000aa', NULL, NULL, '2026-01-05 08:04:40.520456+00', '2026-01-05 08:04:40.520456+00', '2026-01-05 08:04:47.533456+00'),
('0198000d-0000-7000-8000-0000000000aa', '01980088-0000-7000-8000-0000000000aa', 'failed', 1, '{"code": "model_timeout", "reason": {"en": "no luck", "zh-CN": "运气不好"}}', 1, 0, NULL, NULL, '01980089-0000-4000-8000-0000000000aa', NULL, NULL, '2026-01-05 08:05:01.559456+00', '2026-01-05 08:05:01.559456+00', '2026-01-05 08:05:08.572456+00'),
('0198000e-0000-7000-8000-0000000000aa', '0198008a-0000-7000-8000-0000000000aa', 'failed', 1, '{"code": "model_failed", "reason": {"en": "no luck", "zh-CN": "运气不好"}, "retry_after": 7}', 1, 0, NULL, NULL, '0198008b-0000-4000-8000-0000000000aa', NULL, NULL, '2026-01-05 08:05:22.598456+00', '2026-01-05 08:05:22.598456+00', '2026-01-05 08:05:29.611456+00'),
('0198000f-0000-7000-8000-0000000000aa', '0198008c-0000-7000-8000-0000000000aa', 'failed', 1, '{"code": "model_refused", "reason": {"en": "no luck", "zh-CN": "运气不好"}}', 1, 0, NULL, NULL, '0198008d-0000-4000-8000-0000000000aa', NULL, NULL, '2026-01-05 08:05:43.637456+00', '2026-01-05 08:05:43.637456+00', '2026-01-05 08:05:50.650456+00'),
('01980010-0000-7000-8000-0000000000aa', '0198008e-0000-7000-8000-0000000000aa', 'cancelled', 1, NULL, 1, 0, NULL, NULL, '0198008f-0000-4000-8000-0000000000aa', NULL, '2026-01-05 08:06:11.689456+00', '2026-01-05 08:06:04.676456+00', '2026-01-05 08:06:04.676456+00', '2026-01-05 08:06:18.702456+00'),
('01980011-0000-7000-8000-0000000000aa', '01980090-0000-7000-8000-0000000000aa', 'cancelled', 1, NULL, 1, 0, NULL, NULL, '01980091-0000-4000-8000-0000000000aa', NULL, '2026-01-05 08:06:39.741456+00', '2026-01-05 08:06:32.728456+00', '2026-01-05 08:06:32.728456+00', '2026-01-05 08:06:46.754456+00'),
('01980012-0000-7000-8000-0000000000aa', '01980092-0000-7000-8000-0000000000aa', 'cancelled', 1, NULL, 1, 0, NULL, NULL, '01980093-0000-4000-8000-0000000000aa', NULL, '2026-01-05 08:07:07.793456+00', '2026-01-05 08:07:00.780456+00', '2026-01-05 08:07:00.780456+00', '2026-01-05 08:07:14.806456+00'),
('01980013-0000-7000-8000-0000000000aa', '01980094-0000-7000-8000-0000000000aa', 'completed', 1, NULL, 1, 0, NULL, NULL, '01980095-0000-4000-8000-0000000000aa', NULL, NULL, '2026-01-05 08:07:28.832456+00', '2026-01-05 08:07:28.832456+00', '2026-01-05 08:07:56.884456+00'),
('01980013-0000-7000-8000-0000000000aa', '01980096-0000-7000-8000-0000000000aa', 'cancelled', 3, NULL, 1, 0, NULL, NULL, '01980097-0000-4000-8000-0000000000aa', NULL, '2026-01-05 08:07:42.858456+00', '2026-01-05 08:07:35.845456+00', NULL, '2026-01-05 08:07:49.871456+00'),
('01980014-0000-7000-8000-0000000000aa', '01980098-0000-7000-8000-0000000000aa', 'completed', 1, NULL, 2, 1, NULL, NULL, '01980099-0000-4000-8000-0000000000aa', NULL, NULL, '2026-01-05 08:08:10.910456+00', '2026-01-05 08:08:10.910456+00', '2026-01-05 08:08:17.923456+00'),
('01980015-0000-7000-8000-0000000000aa', '0198009a-0000-7000-8000-0000000000aa', 'completed', 1, NULL, 3, 2, NULL, NULL, '0198009b-0000-4000-8000-0000000000aa', NULL, NULL, '2026-01-05 08:08:31.949456+00', '2026-01-05 08:08:31.949456+00', '2026-01-05 08:08:38.962456+00'),
('01980016-0000-7000-8000-0000000000aa', '0198009c-0000-7000-8000-0000000000aa', 'failed', 1, '{"code": "interrupted"}', 4, 3, NULL, NULL, '0198009d-0000-4000-8000-0000000000aa', NULL, NULL, '2026-01-05 08:08:52.988456+00', '2026-01-05 08:08:52.988456+00', '2026-01-05 08:09:00.001456+00'),
('01980017-0000-7000-8000-0000000000aa', '0198009e-0000-7000-8000-0000000000aa', 'completed', 1, NULL, 5, 0, NULL, NULL, '0198009f-0000-4000-8000-0000000000aa', NULL, NULL, '2026-01-05 08:09:14.027456+00', '2026-01-05 08:09:21.040456+00', '2026-01-05 08:09:28.053456+00'),
('01980018-0000-7000-8000-0000000000aa', '019800a0-0000-7000-8000-0000000000aa', 'completed', 1, NULL, 2, 0, NULL, NULL, '019800a1-0000-4000-8000-0000000000aa', NULL, NULL, '2026-01-05 08:09:42.079456+00', '2026-01-05 08:09:42.079456+00', '2026-01-05 08:09:49.092456+00'),
('01980019-0000-7000-8000-0000000000aa', '019800a2-0000-7000-8000-0000000000aa', 'completed', 1, NULL, 2, 0, NULL, NULL, '019800a3-0000-4000-8000-0000000000aa', NULL, NULL, '2026-01-05 08:10:03.118456+00', '2026-01-05 08:10:10.131456+00', '2026-01-05 08:10:17.144456+00'),
('0198001a-0000-7000-8000-0000000000aa', '019800a4-0000-7000-8000-0000000000aa', 'failed', 1, '{"code": "model_busy", "reason": {"en": "no luck", "zh-CN": "运气不好"}, "retry_after": 3}', 2, 0, NULL, NULL, '019800a5-0000-4000-8000-0000000000aa', NULL, NULL, '2026-01-05 08:10:31.170456+00', '2026-01-05 08:10:38.183456+00', '2026-01-05 08:10:45.196456+00'),
('0198001b-0000-7000-8000-0000000000aa', '019800a6-0000-7000-8000-0000000000aa', 'failed', 1, '{"code": "model_busy", "reason": {"en": "no luck", "zh-CN": "运气不好"}, "retry_after": 3}', 2, 0, NULL, NULL, '019800a7-0000-4000-8000-0000000000aa', NULL, NULL, '2026-01-05 08:10:59.222456+00', '2026-01-05 08:11:06.235456+00', '2026-01-05 08:11:13.248456+00'),
('0198001c-0000-7000-8000-0000000000aa', '019800a8-0000-7000-8000-0000000000aa', 'completed', 1, NULL, 3, 0, NULL, NULL, '019800a9-0000-4000-8000-0000000000aa', NULL, NULL, '2026-01-05 08:11:27.274456+00', '2026-01-05 08:11:34.287456+00', '2026-01-05 08:11:41.300456+00'),
('0198001d-0000-7000-8000-0000000000aa', '019800aa-0000-7000-8000-0000000000aa', 'completed', 1, NULL, 1, 0, NULL, NULL, '019800ab-0000-4000-8000-0000000000aa', NULL, NULL, '2026-01-05 08:11:55.326456+00', '2026-01-05 08:11:55.326456+00', '2026-01-05 08:12:02.339456+00'),
('0198001e-0000-7000-8000-0000000000aa', '019800ac-0000-7000-8000-0000000000aa', 'completed', 1, NULL, 1, 0, NULL, NULL, '019800ad-0000-4000-8000-0000000000aa', NULL, NULL, '2026-01-05 08:12:16.365456+00', '2026-01-05 08:12:16.365456+00', '2026-01-05 08:12:23.378456+00'),
('0198001e-0000-7000-8000-0000000000aa', '019800ae-0000-7000-8000-0000000000aa', 'completed', 3, NULL, 1, 0, 'the same again', '0730ba13e5eb3f4609937b99e82a091e0306d89fb0824310ec879cc0dbfaad31', '019800af-0000-4000-8000-0000000000aa', NULL, NULL, '2026-01-05 08:12:30.391456+00', '2026-01-05 08:12:30.391456+00', '2026-01-05 08:12:37.404456+00'),
('0198001f-0000-7000-8000-0000000000aa', '019800b0-0000-7000-8000-0000000000aa', 'running', 1, NULL, 1, 0, NULL, NULL, '01980020-0000-4000-8000-0000000000aa', '2026-01-01 00:00:00+00', NULL, '2026-01-05 08:12:51.430456+00', '2026-01-05 08:12:51.430456+00', NULL),
('0198001f-0000-7000-8000-0000000000aa', '019800b1-0000-7000-8000-0000000000aa', 'queued', 3, NULL, 1, 0, NULL, NULL, '019800b2-0000-4000-8000-0000000000aa', '2026-01-01 00:00:00+00', NULL, '2026-01-05 08:13:05.456456+00', NULL, NULL),
('01980021-0000-7000-8000-0000000000aa', '019800b3-0000-7000-8000-0000000000aa', 'running', 1, NULL, 2, 1, NULL, NULL, '01980022-0000-4000-8000-0000000000aa', '2026-01-01 00:00:00+00', NULL, '2026-01-05 08:13:19.482456+00', '2026-01-05 08:13:19.482456+00', NULL),
('01980023-0000-7000-8000-0000000000aa', '019800b4-0000-7000-8000-0000000000aa', 'running', 1, NULL, 2, 0, NULL, NULL, '01980024-0000-4000-8000-0000000000aa', '2026-01-01 00:00:00+00', NULL, '2026-01-05 08:13:47.534456+00', '2026-01-05 08:13:54.547456+00', NULL),
('01980025-0000-7000-8000-0000000000aa', '019800b5-0000-7000-8000-0000000000aa', 'running', 1, NULL, 1, 0, NULL, NULL, '01980026-0000-4000-8000-0000000000aa', '2026-01-01 00:00:00+00', NULL, '2026-01-05 08:14:08.573456+00', '2026-01-05 08:14:08.573456+00', NULL),
('01980027-0000-7000-8000-0000000000aa', '019800b6-0000-7000-8000-0000000000aa', 'running', 1, NULL, 1, 0, NULL, NULL, '01980028-0000-4000-8000-0000000000aa', '2026-01-01 00:00:00+00', '2026-01-05 08:14:43.638456+00', '2026-01-05 08:14:29.612456+00', '2026-01-05 08:14:29.612456+00', NULL),
('01980029-0000-7000-8000-0000000000aa', '019800b7-0000-7000-8000-0000000000aa', 'running', 1, NULL, 3, 2, NULL, NULL, '0198002a-0000-4000-8000-0000000000aa', '2026-01-01 00:00:00+00', NULL, '2026-01-05 08:14:57.664456+00', '2026-01-05 08:14:57.664456+00', NULL);
--> statement-breakpoint
INSERT INTO chat_turn_events (session_id, turn_id, attempt, position, event, content, data, created_at) VALUES
('01980007-0000-7000-8000-0000000000aa', '0198007c-0000-7000-8000-0000000000aa', 1, -1, 'ThoughtStreamingChunkEvent', 'I think, but do not say.', NULL, '2026-01-05 08:03:02.338456+00'),
('0198000d-0000-7000-8000-0000000000aa', '01980088-0000-7000-8000-0000000000aa', 1, -1, 'ThoughtStreamingChunkEvent', 'Well, ', NULL, '2026-01-05 08:05:08.572456+00'),
('0198000d-0000-7000-8000-0000000000aa', '01980088-0000-7000-8000-0000000000aa', 1, 0, 'ModelClientStreamingChunkEvent', 'half a word', NULL, '2026-01-05 08:05:08.572456+00'),
('0198000e-0000-7000-8000-0000000000aa', '0198008a-0000-7000-8000-0000000000aa', 1, 0, 'ModelClientStreamingChunkEvent', 'not', NULL, '2026-01-05 08:05:29.611456+00'),
('01980016-0000-7000-8000-0000000000aa', '0198009c-0000-7000-8000-0000000000aa', 4, -1, 'ThoughtStreamingChunkEvent', '3? ', NULL, '2026-01-05 08:09:00.001456+00'),
('01980016-0000-7000-8000-0000000000aa', '0198009c-0000-7000-8000-0000000000aa', 4, 0, 'ModelClientStreamingChunkEvent', 'void 3 ', NULL, '2026-01-05 08:09:00.001456+00'),
('0198001a-0000-7000-8000-0000000000aa', '019800a4-0000-7000-8000-0000000000aa', 2, -1, 'ThoughtStreamingChunkEvent', 'No. ', NULL, '2026-01-05 08:10:45.196456+00'),
('0198001a-0000-7000-8000-0000000000aa', '019800a4-0000-7000-8000-0000000000aa', 2, 0, 'ModelClientStreamingChunkEvent', 'less', NULL, '2026-01-05 08:10:45.196456+00'),
('0198001f-0000-7000-8000-0000000000aa', '019800b0-0000-7000-8000-0000000000aa', 1, 1, 'ThoughtStreamingChunkEvent', 'Let me ', NULL, '2026-01-05 08:12:58.443456+00'),
('0198001f-0000-7000-8000-0000000000aa', '019800b0-0000-7000-8000-0000000000aa', 1, 2, 'ModelClientStreamingChunkEvent', 'begin with 😀', NULL, '2026-01-05 08:12:58.443456+00'),
('01980021-0000-7000-8000-0000000000aa', '019800b3-0000-7000-8000-0000000000aa', 1, 1, 'ModelClientStreamingChunkEvent', 'void ', NULL, '2026-01-05 08:13:26.495456+00'),
('01980021-0000-7000-8000-0000000000aa', '019800b3-0000-7000-8000-0000000000aa', 2, 1, 'ThoughtStreamingChunkEvent', 'Two. ', NULL, '2026-01-05 08:13:33.508456+00'),
('01980021-0000-7000-8000-0000000000aa', '019800b3-0000-7000-8000-0000000000aa', 2, 2, 'ModelClientStreamingChunkEvent', 'second ', NULL, '2026-01-05 08:13:33.508456+00'),
('01980025-0000-7000-8000-0000000000aa', '019800b5-0000-7000-8000-0000000000aa', 1, 1, 'ThoughtStreamingChunkEvent', 'More? ', NULL, '2026-01-05 08:14:15.586456+00'),
('01980025-0000-7000-8000-0000000000aa', '019800b5-0000-7000-8000-0000000000aa', 1, 2, 'ModelClientStreamingChunkEvent', 'stored ', NULL, '2026-01-05 08:14:15.586456+00'),
('01980027-0000-7000-8000-0000000000aa', '019800b6-0000-7000-8000-0000000000aa', 1, 1, 'ThoughtStreamingChunkEvent', 'Stop? ', NULL, '2026-01-05 08:14:36.625456+00'),
('01980027-0000-7000-8000-0000000000aa', '019800b6-0000-7000-8000-0000000000aa', 1, 2, 'ModelClientStreamingChunkEvent', 'kept ', NULL, '2026-01-05 08:14:36.625456+00'),
('01980029-0000-7000-8000-0000000000aa', '019800b7-0000-7000-8000-0000000000aa', 1, 1, 'ThoughtStreamingChunkEvent', '1! ', NULL, '2026-01-05 08:15:04.677456+00'),
('01980029-0000-7000-8000-0000000000aa', '019800b7-0000-7000-8000-0000000000aa', 1, 2, 'ModelClientStreamingChunkEvent', 'try 1 ', NULL, '2026-01-05 08:15:04.677456+00'),
('01980029-0000-7000-8000-0000000000aa', '019800b7-0000-7000-8000-0000000000aa', 2, 1, 'ThoughtStreamingChunkEvent', '2! ', NULL, '2026-01-05 08:15:11.690456+00'),
('01980029-0000-7000-8000-0000000000aa', '019800b7-0000-7000-8000-0000000000aa', 2, 2, 'ModelClientStreamingChunkEvent', 'try 2 ', NULL, '2026-01-05 08:15:11.690456+00'),
('01980029-0000-7000-8000-0000000000aa', '019800b7-0000-7000-8000-0000000000aa', 3, 1, 'ThoughtStreamingChunkEvent', '3! ', NULL, '2026-01-05 08:15:18.703456+00'),
('01980029-0000-7000-8000-0000000000aa', '019800b7-0000-7000-8000-0000000000aa', 3, 2, 'ModelClientStreamingChunkEvent', 'try 3 ', NULL, '2026-01-05 08:15:18.703456+00');
--> statement-breakpoint
INSERT INTO chat_search_parts (session_id, seq, part, grams) VALUES
('01980000-0000-7000-8000-0000000000aa', 0, 0, '{1988038782,581894662,1977128262,-1689869023,2091612232,574031349,429623534,-1143522805,1892199944,-1888170035,1386617237,-1199028414,531724414,-1018313023,-2093949474,-387367821,-227879370,954813098,-1631062465,-2045552370,-363124844}'),
('01980000-0000-7000-8000-0000000000aa', 1, 0, '{1988038782,581894662,1977128262,-1689869023,2091612232,574031349,429623534,-1143522805,1892199944,-1888170035,1386617237,-1199028414,531724414,-1018313023,-2093949474,-387367821,-227879370,954813098,130608748,-530710977,-649290929,-1569447495,-19171380,448330197,546116657,750118763,1952022869,-1018218833,-909950079,-2038483118}'),
('01980000-0000-7000-8000-0000000000aa', 2, 0, '{-1199028414,531724414,30802445,-1569447495,-1084268723,-295143239,-652885825,-1390723262,2000510981,-291176289,1803455027,1089966094,1547210978,-890102757,380436434,-235449473,-885109462,-13940737,-1765860895,1590124718,-1085824955}'),
('01980001-0000-7000-8000-0000000000aa', 0, 0, '{515740172,-2030323924,-2136387679,-1257181123,2040529770,1326886833,-1249548779,1386617237,-1199028414,531724414,1829642058,-130518168,985018681}'),
('01980001-0000-7000-8000-0000000000aa', 1, 0, '{515740172,-2030323924,-2136387679,-1257181123,2040529770,1326886833,-1249548779,1386617237,-1199028414,531724414,1829642058,-130518168,985018681}'),
('01980001-0000-7000-8000-0000000000aa', 2, 0, '{1167198101,1695261919,-1938893780,-1572380600,784409233,-530710977,-26466166,223470293,2022463929,2040529770,1326886833,-1249548779,1386617237,-1199028414,531724414,494794765,3037745,-865191877,1640442983,1301811296}');
