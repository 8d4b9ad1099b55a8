// What a start says of its model, in both languages: never a key.

export type Description = { en: string; 'zh-CN': string };

/** Which client asks which model, and where; of the address neither user, password nor query are shown. */
export function modelAt(client: string, model: string, address: string): Description {
  const { origin, pathname } = new URL(address);
  const where = origin + pathname.replace(/\/$/, '');
  return { en: `${client} client, ${model} at ${where}`, 'zh-CN': `${client} 客户端，${model}，${where}` };
}
