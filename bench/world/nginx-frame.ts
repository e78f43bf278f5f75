/** An nginx of one process in a directory of its own, without logs; a connection lasts as long as the load. */
export function nginxFrame(home: string, http: string): string {
  return `daemon off;
master_process off;
pid ${home}/nginx.pid;
error_log stderr error;
events { worker_connections 1024; }
http {
  access_log off;
  client_body_temp_path ${home}/body;
  proxy_temp_path ${home}/proxy;
  fastcgi_temp_path ${home}/fastcgi;
  uwsgi_temp_path ${home}/uwsgi;
  scgi_temp_path ${home}/scgi;
  sendfile on;
  tcp_nodelay on;
  keepalive_timeout 1h;
  keepalive_requests 1000000000;
${http}
}
`;
}
