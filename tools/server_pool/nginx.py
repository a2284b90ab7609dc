"""nginx: a plain HTTP server with WebDAV and listings in HTML. Anybody may write."""

import getpass
import os

from .asking import ask
from .install import nginx_module

# One process: nothing is left when it is killed. Its user matters only where root starts it.
CONFIGURATION = """\
load_module {module};
{user}
daemon off;
master_process off;
pid {folder}/pid;
error_log {folder}/log warn;
events {{ worker_connections 1024; }}
http {{
  access_log off;
  default_type application/octet-stream;
  client_max_body_size 0;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port}{ssl};
    {certificate}
    root {folder}/data;
    location / {{
      autoindex on;
      autoindex_exact_size on;
      create_full_put_path on;
      dav_methods PUT DELETE MKCOL COPY MOVE;
      dav_ext_methods PROPFIND OPTIONS;
    }}
  }}
}}
"""


class Nginx:
    def __init__(self, place):
        self.place = place

    def command(self):
        place = self.place
        tls = f"ssl_certificate {place.certificate}; ssl_certificate_key {place.key};"
        configuration = CONFIGURATION.format(
            module=nginx_module(place.program),
            user=f"user {getpass.getuser()};" if os.geteuid() == 0 else "",
            folder=place.folder,
            port=place.port,
            ssl=" ssl" if place.tls else "",
            certificate=tls if place.tls else "",
        )
        file = place.folder / "nginx.conf"
        file.write_text(configuration)
        return [place.program, "-e", str(place.folder / "log"), "-p", str(place.folder), "-c", str(file)], {}

    def is_ready(self):
        return ask(self.place, "GET", "/")[0] == 200

    def prepare(self):
        pass

    def make_bucket(self, name):
        return ask(self.place, "MKCOL", f"/{name}/")[0]

    def url_of(self, bucket):
        return f"{self.place.url}/{bucket}"

    def environment(self):
        return self.place.trust()
