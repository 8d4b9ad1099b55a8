-- The way back of 0010_shares.sql. Links that were made lead nowhere then.
DROP TABLE "chat_shares";
