// The probe on workerd: a request's query says which server.
import { overHttp, probe } from './probe.ts';

export default {
  async fetch(request: Request): Promise<Response> {
    return Response.json(await probe(overHttp(new URL(request.url).searchParams.get('server') ?? '')));
  },
};
