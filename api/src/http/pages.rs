//! Pages for whoever comes with a browser: whole in themselves, with nothing to run and nothing to fetch.

use actix_web::HttpResponse;
use actix_web::http::header;
use chrono::NaiveDate;
use development::CertificateStatus;

use crate::dto::certificates::VerificationView;
use crate::http::negotiate::Format;
use crate::messages::Lang;

/// What such a page may load: its own styles, and nothing else.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const STYLE: &str = "body{font-family:sans-serif;line-height:1.5;color:#1a1a1a;background:#fff;max-width:40rem;margin:2rem auto;\
    padding:0 1rem}h1{font-size:1.4rem}.status{font-size:1.1rem;font-weight:bold;padding:.6rem .8rem;border-left:.4rem solid}\
    .VALID{color:#0b5c2b;border-color:#0b5c2b}.EXPIRED{color:#7a4a00;border-color:#7a4a00}\
    .REVOKED{color:#8f1414;border-color:#8f1414}dt{font-weight:bold;margin-top:.8rem}dd{margin:0}";

/// Text as it stands in a page.
pub(crate) fn text(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

const fn of(lang: Lang, id: &'static str, en: &'static str) -> &'static str {
    match lang {
        Lang::Id => id,
        Lang::En => en,
    }
}

/// A day as people write it, and as machines read it.
fn time(lang: Lang, day: NaiveDate) -> String {
    format!("<time datetime=\"{day}\">{}</time>", pictures::Lang::from(lang).day(day))
}

/// What anybody is told of a certificate: the same as its JSON says, in words.
pub(crate) fn verification(told: &VerificationView, lang: Lang) -> String {
    let VerificationView {
        status,
        number,
        holder,
        title,
        provider,
        agency,
        jp,
        held_from,
        held_until,
        issued_on,
        valid_until,
    } = told;
    let (class, standing) = match status.0 {
        CertificateStatus::Valid => {
            ("VALID", of(lang, "Sertifikat ini berlaku.", "This certificate is valid."))
        }
        CertificateStatus::Expired => (
            "EXPIRED",
            of(lang, "Masa berlaku sertifikat ini sudah berakhir.", "This certificate has expired."),
        ),
        CertificateStatus::Revoked => {
            ("REVOKED", of(lang, "Sertifikat ini telah dicabut.", "This certificate was revoked."))
        }
    };
    let hours = jp.as_ref().and_then(|jp| serde_json::to_string(jp).ok());
    let hours = hours.map_or_else(
        || of(lang, "Tidak dinyatakan", "Not stated").to_owned(),
        |hours| pictures::Lang::from(lang).decimal(&hours),
    );
    let until = valid_until
        .map_or_else(|| of(lang, "Tanpa batas waktu", "Without end").to_owned(), |day| time(lang, day));
    let facts = [
        (of(lang, "Nomor", "Number"), text(number)),
        (of(lang, "Nama", "Name"), text(holder)),
        (of(lang, "Pelatihan", "Training"), text(title)),
        (of(lang, "Penyelenggara", "Provider"), text(provider)),
        (of(lang, "Diterbitkan oleh", "Issued by"), text(agency)),
        (of(lang, "Jam pelajaran (JP)", "Learning hours (JP)"), hours),
        (of(lang, "Hari pertama", "First day"), time(lang, *held_from)),
        (of(lang, "Hari terakhir", "Last day"), time(lang, *held_until)),
        (of(lang, "Tanggal terbit", "Issued on"), time(lang, *issued_on)),
        (of(lang, "Berlaku sampai dengan", "Valid until"), until),
    ];
    let facts: String =
        facts.iter().map(|(name, value)| format!("<dt>{name}</dt><dd>{value}</dd>\n")).collect();
    let heading = of(lang, "Verifikasi sertifikat", "Certificate verification");
    format!(
        "<!DOCTYPE html>\n<html lang=\"{}\"><head><meta charset=\"utf-8\"><title>{heading}</title>\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><meta name=\"robots\" content=\"noindex\">\
         <style>{STYLE}</style></head><body><main><h1>{heading}</h1>\n<p class=\"status {class}\">{standing}</p>\n\
         <dl>\n{facts}</dl></main></body></html>\n",
        lang.tag()
    )
}

/// Answers with a page.
pub(crate) fn page(response: &mut actix_web::HttpResponseBuilder, lang: Lang, html: String) -> HttpResponse {
    response
        .insert_header((header::CONTENT_TYPE, Format::Html.content_type()))
        .insert_header((header::CONTENT_LANGUAGE, lang.tag()))
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
        .body(html)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dto::enums::Wire;
    use crate::dto::values::Decimal;
    use kernel::Hundredths;

    fn told(status: CertificateStatus) -> VerificationView {
        let day = |month| NaiveDate::from_ymd_opt(2026, month, 21).unwrap();
        VerificationView {
            status: Wire(status),
            number: "P1/K1/001".to_owned(),
            holder: "<script>Wening & \"Sari\"</script>".to_owned(),
            title: "Pelatihan".to_owned(),
            provider: "BPSDM".to_owned(),
            agency: "Kota".to_owned(),
            jp: Some(Decimal(Hundredths::from_count(2450))),
            held_from: day(7),
            held_until: day(7),
            issued_on: day(8),
            valid_until: None,
        }
    }

    #[test]
    fn a_page_says_what_the_certificate_says_in_the_readers_language_and_runs_nothing() {
        let id = verification(&told(CertificateStatus::Revoked), Lang::Id);
        assert!(id.contains("<html lang=\"id\">") && id.contains("Sertifikat ini telah dicabut."), "{id}");
        assert!(
            id.contains("24,5") && id.contains("<time datetime=\"2026-07-21\">21 Juli 2026</time>"),
            "{id}"
        );
        assert!(id.contains("Tanpa batas waktu"));
        let en = verification(&told(CertificateStatus::Valid), Lang::En);
        assert!(
            en.contains("This certificate is valid.") && en.contains("24.5") && en.contains("21 July 2026")
        );
        let unstated = VerificationView { jp: None, ..told(CertificateStatus::Expired) };
        assert!(verification(&unstated, Lang::En).contains("Not stated"));
        for page in [id, en] {
            assert!(!page.contains("<script") && !page.contains("://"), "{page}");
            assert!(page.contains("&lt;script&gt;Wening &amp; &quot;Sari&quot;"), "{page}");
        }
    }
}
