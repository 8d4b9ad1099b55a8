-- The way back of 0009_files.sql. The files are lost, and messages tell no more than their names.
DROP TABLE "chat_session_files";
--> statement-breakpoint
DROP TABLE "chat_file_pieces";
--> statement-breakpoint
DROP TABLE "chat_files";
