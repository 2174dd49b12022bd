//! The contract and its documentation, served from the binary: nothing is fetched from elsewhere.

use actix_web::http::header;
use actix_web::web::ServiceConfig;
use actix_web::{HttpResponse, get, routes};
use kernel::ViolationCode;
use utoipa_swagger_ui::SwaggerUi;

use crate::http::document::document;
use crate::http::pages;
use crate::messages;
use crate::problems::Problem;

/// What a page may load: its own files. The interactive documentation sets styles on elements and draws from `data:`.
const POLICY: (&str, &str) = (
    "content-security-policy",
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);

#[get("/openapi.json")]
async fn openapi() -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(document().text.as_str())
}

#[get("/docs")]
async fn docs() -> HttpResponse {
    HttpResponse::PermanentRedirect().insert_header((header::LOCATION, "/docs/")).finish()
}

#[routes]
#[get("/docs/")]
#[get("/docs/index.html")]
async fn index() -> HttpResponse {
    page(include_str!("docs/index.html"))
}

#[get("/docs/start.js")]
async fn start() -> HttpResponse {
    HttpResponse::Ok().content_type("text/javascript; charset=utf-8").body(include_str!("docs/start.js"))
}

#[get("/docs/problems.css")]
async fn style() -> HttpResponse {
    HttpResponse::Ok().content_type("text/css; charset=utf-8").body(include_str!("docs/problems.css"))
}

/// Where the `type` of every problem leads.
#[get("/docs/problems")]
async fn problems() -> HttpResponse {
    page(&problems_html())
}

fn page(html: &str) -> HttpResponse {
    HttpResponse::Ok().content_type("text/html; charset=utf-8").insert_header(POLICY).body(html.to_owned())
}

/// Registers all of it; the files the pages load come last, as they take every path that is left.
pub(crate) fn documentation(server: &mut ServiceConfig) {
    server
        .service(openapi)
        .service(docs)
        .service(index)
        .service(start)
        .service(style)
        .service(problems)
        .service(SwaggerUi::new("/docs/{_:.*}"));
}

/// `openapi/problems.md`: every problem and every reason a value is refused.
#[must_use]
pub fn problems_page() -> String {
    let mut page = String::from(
        "# Problems\n\nEvery failure is `application/problem+json` (RFC 9457). `code` is stable and never translated; \
         `title` and `detail` come in Indonesian or English by `Accept-Language`.\n\n\
         | code | status | when |\n| --- | --- | --- |\n",
    );
    for problem in Problem::ALL {
        let spec = problem.spec();
        page.push_str(&format!("| `{}` | {} | {} |\n", spec.code, spec.status, spec.when));
    }
    page.push_str(
        "\n## Reasons a value is refused\n\nIn `errors[].code`:\n\n| code | meaning |\n| --- | --- |\n",
    );
    for code in ViolationCode::ALL {
        let (name, _, en) = messages::text(*code);
        page.push_str(&format!("| `{name}` | {en} |\n"));
    }
    page
}

/// The same for a browser, with an anchor per code and the titles in both languages.
fn problems_html() -> String {
    let mut page = String::from(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Bangkom API: problems</title>\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <link rel=\"stylesheet\" href=\"/docs/problems.css\">\
         <link rel=\"icon\" type=\"image/png\" href=\"/docs/favicon-32x32.png\"></head><body>\
         <p><a href=\"/docs/\">Bangkom API</a></p><h1>Problems</h1>\
         <p>Every failure is <code>application/problem+json</code> (RFC 9457). <code>code</code> is stable and never \
         translated; <code>title</code> and <code>detail</code> come in Indonesian or English by \
         <code>Accept-Language</code>.</p>\
         <table><thead><tr><th>code</th><th>status</th><th>title</th><th>when</th></tr></thead><tbody>\n",
    );
    for problem in Problem::ALL {
        let spec = problem.spec();
        page.push_str(&format!(
            "<tr id=\"{0}\"><td><a href=\"#{0}\"><code>{0}</code></a></td><td>{1}</td><td><span lang=\"id\">{2}</span><br>{3}\
             </td><td>{4}</td></tr>\n",
            spec.code, spec.status, html(spec.id), html(spec.en), html(spec.when)
        ));
    }
    page.push_str(
        "</tbody></table><h2>Reasons a value is refused</h2><p>In <code>errors[].code</code>:</p>\
         <table><thead><tr><th>code</th><th>meaning</th></tr></thead><tbody>\n",
    );
    for code in ViolationCode::ALL {
        let (name, id, en) = messages::text(*code);
        page.push_str(&format!(
            "<tr><td><code>{name}</code></td><td><span lang=\"id\">{}</span><br>{}</td></tr>\n",
            html(id),
            html(en)
        ));
    }
    page.push_str("</tbody></table></body></html>\n");
    page
}

/// Text of the table in HTML; what stands between backticks is code.
fn html(text: &str) -> String {
    let text = pages::text(text);
    let parts = text.split('`').enumerate();
    parts
        .map(|(at, part)| if at % 2 == 1 { format!("<code>{part}</code>") } else { part.to_owned() })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_type_of_every_problem_leads_to_its_row() {
        let page = problems_html();
        for problem in Problem::ALL {
            let code = problem.spec().code;
            assert!(page.contains(&format!("<tr id=\"{code}\">")), "{code}");
        }
        assert_eq!(html("`a` < b & `c`"), "<code>a</code> &lt; b &amp; <code>c</code>");
    }

    #[test]
    fn no_page_names_another_host() {
        let files = [
            include_str!("docs/index.html"),
            include_str!("docs/start.js"),
            include_str!("docs/problems.css"),
        ];
        for text in files.into_iter().map(ToOwned::to_owned).chain([problems_html()]) {
            assert!(!text.contains("://"), "{text}");
        }
    }
}
