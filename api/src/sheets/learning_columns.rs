//! The columns of the catalogue and of what people learned.

use super::columns::{COMPETENCY_CODE, Column, DICTIONARY, NIP, optional, required};

pub(super) static PROGRAMMES: [Column; 16] = [
    required(
        "code",
        &["kode", "kode_program"],
        "Kode program, unik di instansi",
        "Code of the programme, unique in the agency",
        "LAT-WABAH",
    ),
    required(
        "name",
        &["nama", "nama_program", "judul"],
        "Nama program",
        "Name of the programme",
        "Pelatihan Penyelidikan Wabah",
    ),
    required(
        "objectives",
        &["tujuan", "tujuan_program", "sasaran"],
        "Apa yang dapat dilakukan peserta sesudahnya",
        "What participants can do afterwards",
        "Peserta mampu menyelidiki kejadian luar biasa.",
    ),
    required(
        "form",
        &["bentuk", "kode_bentuk", "bentuk_pengembangan", "jenis_diklat"],
        "Bentuk pengembangan: kode seperti KL03, namanya, atau jenisDiklat SIASN",
        "Form of development: a code such as KL03, its name, or SIASN's jenisDiklat",
        "KL03",
    ),
    required(
        "partner_code",
        &["kode_mitra", "mitra", "penyelenggara", "kode_penyelenggara"],
        "Kode mitra penyelenggara",
        "Code of the partner that provides it",
        "BPSDM",
    ),
    optional(
        "curriculum_owner_code",
        &["kode_pemilik_kurikulum", "pemilik_kurikulum", "instansi_pembina"],
        "Kode mitra pemilik kurikulum, bila bukan penyelenggara",
        "Code of the partner that owns the curriculum, where that is not the provider",
        "BPSDM",
    ),
    required(
        "mode",
        &["moda", "cara", "metode"],
        "Moda: ONLINE (daring), OFFLINE (luring), atau BLENDED (campuran)",
        "Mode: ONLINE, OFFLINE or BLENDED",
        "OFFLINE",
    ),
    optional(
        "jp",
        &["jam_pelajaran", "jumlah_jp", "jumlah_jam"],
        "Jam pelajaran yang dinyatakan sertifikatnya; kosong berarti menurut konversi bentuk",
        "Learning hours its certificate states; blank means as the form converts",
        "40",
    )
    .number(),
    optional(
        "price_per_participant",
        &["biaya_per_peserta", "harga_per_peserta"],
        "Biaya per peserta, rupiah penuh; 0 berarti gratis, kosong berarti tidak diketahui",
        "Price per participant in whole rupiah; 0 is free, blank is not known",
        "1500000",
    )
    .number(),
    optional(
        "price_per_class",
        &["biaya_per_kelas", "harga_per_kelas"],
        "Biaya per kelas, rupiah penuh; 0 berarti gratis, kosong berarti tidak diketahui",
        "Price per class in whole rupiah; 0 is free, blank is not known",
        "25000000",
    )
    .number(),
    optional(
        "accreditation",
        &["akreditasi"],
        "Akreditasi: oleh siapa, peringkat apa",
        "Accreditation: by whom, with what grade",
        "LAN, A",
    ),
    optional(
        "certificate_months",
        &["masa_berlaku_sertifikat", "masa_berlaku_sertifikat_bulan", "bulan_berlaku"],
        "Berapa bulan sertifikatnya berlaku; kosong berarti selamanya",
        "How many months a certificate counts; blank means for ever",
        "36",
    )
    .number(),
    optional(
        "audience_job_classes",
        &["kelompok_jabatan", "jenjang_jabatan", "sasaran_jabatan"],
        "Kelompok jabatan yang dituju, dipisahkan tanda |; kosong berarti semua",
        "Job classes it is for, with | between them; blank means all",
        "Pengawas|Ahli Muda",
    ),
    optional(
        "audience_job_families",
        &["rumpun_jabatan", "sasaran_rumpun"],
        "Rumpun jabatan yang dituju, dipisahkan tanda |: JPT, ADMINISTRASI, JF_KETERAMPILAN, JF_KEAHLIAN",
        "Job families it is for, with | between them: JPT, ADMINISTRASI, JF_KETERAMPILAN, JF_KEAHLIAN",
        "JF_KEAHLIAN",
    ),
    optional(
        "state",
        &["status", "status_program"],
        "Status: DRAFT, PUBLISHED (terbit), atau RETIRED (ditarik); kosong untuk program baru berarti DRAFT",
        "State: DRAFT, PUBLISHED or RETIRED; blank means DRAFT for a new programme",
        "PUBLISHED",
    ),
    optional(
        "prerequisite_programmes",
        &["program_prasyarat", "prasyarat"],
        "Kode program yang harus sudah diikuti, dipisahkan tanda |",
        "Codes of programmes it builds on, with | between them",
        "",
    ),
];

pub(super) static PROGRAMME_STEPS: [Column; 5] = [
    required(
        "programme_code",
        &["kode_program", "program"],
        "Kode program yang mengajarkannya",
        "Code of the programme that teaches it",
        "LAT-WABAH",
    ),
    DICTIONARY,
    COMPETENCY_CODE,
    optional(
        "level_from",
        &["level_awal", "dari_level", "tingkat_awal"],
        "Level awal peserta, 1 sampai 4; kosong berarti tanpa syarat level",
        "Level it starts from, 1 to 4; blank means for somebody without any",
        "1",
    )
    .number(),
    required(
        "level_to",
        &["level_akhir", "ke_level", "tingkat_akhir", "level"],
        "Level yang dituju, 1 sampai 5",
        "Level it leads to, 1 to 5",
        "2",
    )
    .number(),
];

pub(super) static CLASSES: [Column; 14] = [
    required(
        "code",
        &["kode", "kode_kelas"],
        "Kode kelas, unik di instansi; beberapa baris berkode sama adalah sesi satu kelas",
        "Code of the class, unique in the agency; rows of one code are the sessions of one class",
        "LAT-WABAH-1",
    ),
    required(
        "programme_code",
        &["kode_program", "program"],
        "Kode program yang diselenggarakan",
        "Code of the programme it is held of",
        "LAT-WABAH",
    ),
    required("seats", &["kuota", "kursi", "jumlah_kursi"], "Jumlah kursi", "Number of seats", "30").number(),
    optional(
        "min_participants",
        &["peserta_minimum", "kuota_minimum", "minimal_peserta"],
        "Paling sedikit berapa peserta agar kelas diselenggarakan; kosong berarti satu pun cukup",
        "The fewest participants the class is held for; blank means that one is enough",
        "10",
    )
    .number(),
    optional(
        "waitlist",
        &["daftar_tunggu", "kuota_daftar_tunggu"],
        "Paling banyak berapa orang di daftar tunggu; kosong berarti tanpa batas",
        "How many may wait for a seat; blank means without a limit",
        "10",
    )
    .number(),
    required(
        "registration_opens_at",
        &["pendaftaran_dibuka", "buka_pendaftaran", "mulai_pendaftaran"],
        "Pendaftaran dibuka: tanggal dan jam setempat; tanpa jam berarti awal hari itu",
        "When registration opens: a day and an hour by the agency's clock; a day alone means its beginning",
        "2026-07-01 08:00",
    ),
    required(
        "registration_closes_at",
        &["pendaftaran_ditutup", "tutup_pendaftaran", "akhir_pendaftaran"],
        "Pendaftaran ditutup: tanggal dan jam setempat; tanpa jam berarti akhir hari itu",
        "When registration closes: a day and an hour by the agency's clock; a day alone means its end",
        "2026-07-31",
    ),
    optional(
        "session_starts_at",
        &["mulai", "sesi_mulai", "waktu_mulai"],
        "Sesi dimulai: tanggal dan jam setempat",
        "When the session begins: a day and an hour by the agency's clock",
        "2026-08-03 08:00",
    ),
    optional(
        "session_ends_at",
        &["selesai", "sesi_selesai", "waktu_selesai"],
        "Sesi berakhir: tanggal dan jam setempat, atau jamnya saja pada hari yang sama",
        "When the session ends: a day and an hour by the agency's clock, or the hour of the same day",
        "2026-08-03 16:00",
    ),
    optional(
        "session_place",
        &["tempat", "lokasi", "tempat_sesi"],
        "Tempat sesi",
        "Where the session is held",
        "Aula BPSDM",
    ),
    optional(
        "session_url",
        &["tautan", "alamat_daring", "link"],
        "Alamat daring sesi",
        "The address at which the session is joined online",
        "https://rapat.example.go.id/wabah",
    ),
    optional(
        "session_topic",
        &["materi", "topik", "pokok_bahasan"],
        "Materi sesi",
        "What the session is about",
        "Langkah penyelidikan",
    ),
    optional(
        "note",
        &["catatan", "keterangan"],
        "Catatan untuk peserta",
        "What participants should know",
        "Bawa laptop",
    ),
    optional(
        "state",
        &["status", "status_kelas"],
        "Status: PLANNED (direncanakan) atau OPEN (dibuka); kosong untuk kelas baru berarti PLANNED",
        "State: PLANNED or OPEN; blank means PLANNED for a new class",
        "PLANNED",
    ),
];

const STARTED_ON: Column = required(
    "started_on",
    &["tanggal_mulai", "tgl_mulai", "mulai", "tanggal_kursus", "tanggal"],
    "Hari pertama",
    "The first day",
    "2026-03-02",
)
.date();

const CERTIFICATE_NUMBER: Column = optional(
    "certificate_number",
    &["nomor_sertifikat", "no_sertifikat", "nomor_sertipikat", "no_sertipikat"],
    "Nomor sertifikat",
    "Number of the certificate",
    "B/123/LAT/2026",
);

const CERTIFICATE_VALID_UNTIL: Column = optional(
    "certificate_valid_until",
    &["berlaku_sampai", "masa_berlaku", "sertifikat_berlaku_sampai"],
    "Hari terakhir sertifikat berlaku; kosong berarti selamanya",
    "Last day the certificate is valid; blank means for ever",
    "2029-03-06",
)
.date();

pub(super) static OWN_LEARNINGS: [Column; 14] = [
    NIP,
    required(
        "title",
        &["judul", "nama_kegiatan", "nama_pelatihan"],
        "Apa yang dipelajari",
        "What was learned",
        "Analisis Data dengan Lembar Kerja",
    ),
    optional(
        "provider",
        &["penyelenggara", "lembaga", "institusi_penyelenggara"],
        "Penyelenggara, atau tempat memperolehnya",
        "Who gave it, or where it was found",
        "Universitas Contoh",
    ),
    required(
        "form",
        &["bentuk", "kode_bentuk", "bentuk_pengembangan", "jenis_diklat"],
        "Bentuk pengembangan: kode seperti NKL03, namanya, atau jenisDiklat SIASN",
        "Form of development: a code such as NKL03, its name, or SIASN's jenisDiklat",
        "NKL03",
    ),
    STARTED_ON,
    required(
        "ended_on",
        &["tanggal_selesai", "tgl_selesai", "selesai", "tanggal_selesai_kursus"],
        "Hari terakhir; menentukan tahun JP",
        "The last day, which decides the year of the hours",
        "2026-03-06",
    )
    .date(),
    optional(
        "units",
        &["hari_sesi", "tanggal_sesi", "sesi"],
        "Tanggal setiap sesi atau kegiatan, dipisahkan tanda |; perlu bila sertifikat tidak menyatakan JP",
        "Day of every session or activity, with | between them; needed where no certificate states hours",
        "2026-03-02|2026-03-06",
    ),
    optional(
        "international",
        &["internasional"],
        "Apakah kegiatan internasional: ya atau tidak; kosong berarti tidak",
        "Whether it was an international event: ya or tidak; blank means no",
        "tidak",
    ),
    optional(
        "certificate_jp",
        &["jp", "jam_pelajaran", "jumlah_jp", "jumlah_jam", "jp_sertifikat"],
        "JP yang dinyatakan sertifikat",
        "Learning hours the certificate states",
        "12",
    )
    .number(),
    CERTIFICATE_NUMBER,
    optional(
        "certificate_issued_on",
        &["tanggal_sertifikat", "tgl_sertifikat"],
        "Tanggal sertifikat",
        "Day of the certificate",
        "2026-03-06",
    )
    .date(),
    CERTIFICATE_VALID_UNTIL,
    required(
        "document",
        &["dokumen", "berkas", "tautan_dokumen", "bukti"],
        "Rujukan dokumen bukti: nama berkas atau alamatnya",
        "Where the document is: a file's reference or an address",
        "berkas/2026/sertifikat-data.pdf",
    ),
    optional("note", &["catatan", "keterangan"], "Catatan", "More on it", "Dipelajari di luar jam kerja"),
];

pub(super) static TRAINING_RECORDS: [Column; 11] = [
    NIP,
    required(
        "title",
        &["nama_kursus", "nama_diklat", "nama_pelatihan", "judul"],
        "Nama pelatihan",
        "Name of the training",
        "Pelatihan Kepemimpinan Pengawas",
    ),
    optional(
        "provider",
        &["institusi_penyelenggara", "penyelenggara", "lembaga"],
        "Penyelenggara",
        "Who held it",
        "BPSDM Provinsi",
    ),
    required(
        "form",
        &["bentuk", "kode_bentuk", "bentuk_pengembangan", "jenis_diklat", "jenis_diklat_id"],
        "Bentuk pengembangan: kode seperti KL01, namanya, atau jenisDiklat SIASN",
        "Form of development: a code such as KL01, its name, or SIASN's jenisDiklat",
        "KL01",
    ),
    STARTED_ON,
    optional(
        "ended_on",
        &["tanggal_selesai", "tgl_selesai", "selesai", "tanggal_selesai_kursus"],
        "Hari terakhir, yang menentukan tahun JP; kosong berarti sehari saja",
        "The last day, which decides the year of the hours; blank means a single day",
        "2026-03-06",
    )
    .date(),
    optional(
        "jp",
        &["jumlah_jam", "jam_pelajaran", "jumlah_jp"],
        "Jumlah JP; kosong atau 0 berarti tidak diketahui, dan tidak dihitung",
        "Learning hours; blank or 0 means not known, and none are credited",
        "40",
    )
    .number(),
    Column { example: "B/45/PKP/2026", ..CERTIFICATE_NUMBER },
    optional(
        "certificate_issued_on",
        &["tanggal_sertifikat", "tgl_sertifikat"],
        "Tanggal sertifikat; kosong berarti hari terakhir pelatihan",
        "Day of the certificate; blank means the last day of the training",
        "2026-03-06",
    )
    .date(),
    CERTIFICATE_VALID_UNTIL,
    optional(
        "document",
        &["dokumen", "berkas", "bukti"],
        "Rujukan dokumen atau riwayat asalnya",
        "Where it is found: a document, or the record it comes from",
        "berkas/2026/pkp.pdf",
    ),
];
