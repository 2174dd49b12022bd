//! The nine generic competencies of PermenPANRB 38/2017 in this product's own wording: a working text to begin
//! with, not the text of the regulation.

use super::{ReferenceCompetency, ReferenceLevel};

const fn level(description: &'static str, indicators: [&'static str; 3]) -> ReferenceLevel {
    ReferenceLevel { description, indicators }
}

/// The nine, in the order of the regulation.
pub const COMPETENCIES: [ReferenceCompetency; 9] = [
    ReferenceCompetency {
        code: "M.1",
        name: "Integritas",
        name_en: "Integrity",
        family: "MANAJERIAL",
        definition: "Keselarasan antara ucapan dan tindakan dengan nilai, norma, serta kode etik \
                     aparatur, termasuk keberanian menanggung akibat dari sikap jujur.",
        levels: [
            level(
                "Bertindak sesuai nilai, norma, dan etika organisasi dalam lingkup tugas pribadi.",
                [
                    "Menyampaikan keadaan pekerjaan apa adanya, termasuk kesalahan sendiri.",
                    "Mematuhi peraturan dan kode etik dalam tugas sehari-hari tanpa perlu diawasi.",
                    "Menolak pemberian yang berkaitan dengan jabatan dan melaporkannya menurut ketentuan.",
                ],
            ),
            level(
                "Mengingatkan dan mengajak rekan kerja untuk bertindak sesuai nilai, norma, dan etika.",
                [
                    "Menegur rekan secara santun ketika tindakannya menyimpang dari ketentuan.",
                    "Mengajak rekan membicarakan keputusan sulit dari sisi etika sebelum bertindak.",
                    "Menjaga janji dan kerahasiaan sehingga dipercaya rekan kerja.",
                ],
            ),
            level(
                "Memastikan nilai dan etika dijalankan serta tertanam dalam tim yang dipimpin.",
                [
                    "Menetapkan aturan kerja tim yang mencegah benturan kepentingan.",
                    "Memeriksa kepatuhan anggota tim dan menindaklanjuti setiap pelanggaran.",
                    "Memberi penghargaan atas kejujuran walaupun hasilnya belum sesuai harapan.",
                ],
            ),
            level(
                "Menciptakan suasana kerja yang patuh etika dan mengoreksi penyimpangan di instansi.",
                [
                    "Membangun saluran pelaporan yang aman bagi pegawai yang melihat pelanggaran.",
                    "Mengambil tindakan korektif atas penyimpangan tanpa memandang kedudukan pelakunya.",
                    "Menyelaraskan prosedur unit-unit agar celah penyalahgunaan wewenang tertutup.",
                ],
            ),
            level(
                "Menjadi teladan integritas bagi aparatur di tingkat nasional.",
                [
                    "Mempertahankan keputusan yang benar meskipun mendapat tekanan kuat dari berbagai pihak.",
                    "Mendorong kebijakan nasional yang memperkuat budaya jujur dan bebas korupsi.",
                    "Menjadi rujukan instansi lain dalam membangun sistem integritas.",
                ],
            ),
        ],
    },
    ReferenceCompetency {
        code: "M.2",
        name: "Kerja Sama",
        name_en: "Cooperation",
        family: "MANAJERIAL",
        definition: "Kemampuan membina hubungan kerja yang saling menghargai dan menyatukan upaya \
                     berbagai pihak untuk mencapai tujuan bersama.",
        levels: [
            level(
                "Berperan serta dalam kelompok kerja dan menyelesaikan bagiannya.",
                [
                    "Menyelesaikan bagian tugasnya sesuai kesepakatan kelompok.",
                    "Berbagi keterangan yang diperlukan anggota lain.",
                    "Menghargai pendapat yang berbeda dalam pembahasan kelompok.",
                ],
            ),
            level(
                "Menumbuhkan tim yang partisipatif dan efektif.",
                [
                    "Mengajak setiap anggota menyampaikan gagasan dan menanggapinya dengan terbuka.",
                    "Menawarkan bantuan kepada anggota yang menghadapi kesulitan.",
                    "Mencari titik temu ketika terjadi perbedaan di antara anggota.",
                ],
            ),
            level(
                "Membangun tim kerja yang efektif untuk meningkatkan kinerja organisasi.",
                [
                    "Membagi tugas sesuai kekuatan masing-masing anggota tim.",
                    "Menyelesaikan perselisihan dalam tim dengan adil dan tepat waktu.",
                    "Menyusun cara kerja bersama yang mempercepat pencapaian sasaran unit.",
                ],
            ),
            level(
                "Membangun komitmen dan sinergi lintas unit kerja.",
                [
                    "Merumuskan sasaran bersama yang disepakati beberapa unit kerja.",
                    "Menghilangkan hambatan koordinasi antarunit melalui kesepakatan tertulis.",
                    "Memadukan sumber daya beberapa unit untuk program yang saling berkaitan.",
                ],
            ),
            level(
                "Menjaga kerja sama yang konsisten di dalam dan di luar instansi.",
                [
                    "Membangun kemitraan strategis dengan instansi, dunia usaha, dan masyarakat.",
                    "Memelihara kesepakatan jangka panjang agar tetap memberi manfaat bagi semua pihak.",
                    "Menyatukan kepentingan yang beragam dalam agenda pembangunan nasional.",
                ],
            ),
        ],
    },
    ReferenceCompetency {
        code: "M.3",
        name: "Komunikasi",
        name_en: "Communication",
        family: "MANAJERIAL",
        definition: "Kemampuan menyampaikan dan menerima informasi secara jelas, lisan maupun tertulis, \
                     sehingga tercapai pemahaman bersama.",
        levels: [
            level(
                "Menyampaikan informasi dengan jelas dan lengkap.",
                [
                    "Menjelaskan informasi dengan bahasa yang mudah dipahami penerimanya.",
                    "Memastikan kembali bahwa pesan yang diterima telah dipahami dengan benar.",
                    "Menulis surat atau laporan sederhana dengan susunan yang runtut.",
                ],
            ),
            level(
                "Berkomunikasi secara aktif dalam suasana resmi maupun tidak resmi.",
                [
                    "Mendengarkan dengan saksama dan menanggapi maksud lawan bicara.",
                    "Menyiapkan bahan paparan yang sesuai dengan kebutuhan pendengarnya.",
                    "Menyesuaikan cara penyampaian dengan situasi dan latar belakang penerima.",
                ],
            ),
            level(
                "Berkomunikasi secara asertif serta mengelola informasi yang peka dan rumit.",
                [
                    "Menyampaikan pendapat yang berbeda dengan tegas dan tetap santun.",
                    "Menyusun naskah yang menjelaskan persoalan rumit secara ringkas.",
                    "Menangani pertanyaan yang peka tanpa menimbulkan kesalahpahaman.",
                ],
            ),
            level(
                "Mengemukakan pemikiran dari berbagai sudut pandang untuk mencapai kesepakatan.",
                [
                    "Memetakan kepentingan para pihak sebelum perundingan dimulai.",
                    "Menyusun pesan yang meyakinkan bagi kelompok dengan kepentingan berbeda.",
                    "Memimpin pembahasan hingga menghasilkan kesepakatan yang dipahami semua pihak.",
                ],
            ),
            level(
                "Menggagas sistem komunikasi yang terbuka dan strategis.",
                [
                    "Merancang kebijakan komunikasi yang membuka akses informasi bagi masyarakat.",
                    "Membangun dukungan publik terhadap kebijakan yang berdampak luas.",
                    "Mengarahkan komunikasi lintas lembaga pada saat terjadi krisis.",
                ],
            ),
        ],
    },
    ReferenceCompetency {
        code: "M.4",
        name: "Orientasi pada Hasil",
        name_en: "Result orientation",
        family: "MANAJERIAL",
        definition: "Kesungguhan mempertahankan tanggung jawab untuk mencapai hasil kerja yang terukur \
                     dan terus lebih baik.",
        levels: [
            level(
                "Bertanggung jawab memenuhi standar hasil kerja.",
                [
                    "Menyelesaikan tugas sesuai mutu dan tenggat yang ditetapkan.",
                    "Memeriksa kembali hasil kerja sebelum diserahkan.",
                    "Melaporkan hambatan sedini mungkin agar hasil tetap tercapai.",
                ],
            ),
            level(
                "Meningkatkan hasil kerja pribadi melampaui standar dan mencari cara lain yang lebih baik.",
                [
                    "Menetapkan sasaran pribadi yang lebih tinggi daripada standar.",
                    "Mencoba metode lain ketika cara yang biasa kurang berhasil.",
                    "Membandingkan hasil kerjanya dengan contoh terbaik lalu memperbaikinya.",
                ],
            ),
            level(
                "Menetapkan sasaran unit yang menantang serta memberi penghargaan atau teguran.",
                [
                    "Merumuskan sasaran unit yang terukur dan menantang bersama anggota.",
                    "Memantau kemajuan secara berkala dan mengoreksi arah bila diperlukan.",
                    "Memberikan pengakuan atau teguran sesuai hasil kerja anggota.",
                ],
            ),
            level(
                "Mendorong unit kerja mencapai atau melampaui target.",
                [
                    "Mengalihkan sumber daya ke kegiatan yang paling menentukan hasil.",
                    "Menyingkirkan hambatan prosedur yang memperlambat pencapaian target.",
                    "Membangun persaingan sehat antarbagian untuk melampaui target.",
                ],
            ),
            level(
                "Meningkatkan mutu pencapaian kinerja instansi secara menyeluruh.",
                [
                    "Menetapkan ukuran keberhasilan instansi yang berdampak bagi masyarakat.",
                    "Menjamin kesinambungan hasil melalui perbaikan sistem kerja instansi.",
                    "Mengarahkan capaian instansi agar sejalan dengan sasaran pembangunan nasional.",
                ],
            ),
        ],
    },
    ReferenceCompetency {
        code: "M.5",
        name: "Pelayanan Publik",
        name_en: "Public service",
        family: "MANAJERIAL",
        definition: "Kemampuan melaksanakan tugas pemerintahan dan pembangunan serta melayani kebutuhan \
                     masyarakat secara profesional, terbuka, dan tidak memihak.",
        levels: [
            level(
                "Menjalankan tugas pelayanan sesuai standar yang berlaku.",
                [
                    "Melayani sesuai alur, waktu, dan biaya yang tercantum dalam standar.",
                    "Bersikap ramah dan memperlakukan setiap pengguna layanan secara setara.",
                    "Meneruskan keluhan kepada pihak yang berwenang dengan segera.",
                ],
            ),
            level(
                "Menyelia proses pelayanan dan menjelaskannya secara terbuka.",
                [
                    "Mengawasi agar setiap tahap pelayanan berjalan sesuai standar.",
                    "Menjelaskan persyaratan serta kemajuan layanan kepada masyarakat.",
                    "Mencatat penyebab keterlambatan dan memperbaikinya bersama petugas.",
                ],
            ),
            level(
                "Memanfaatkan kekuatan kelompok untuk meningkatkan standar pelayanan unit.",
                [
                    "Menghimpun masukan masyarakat untuk memperbarui standar pelayanan unit.",
                    "Menggerakkan anggota tim menyederhanakan prosedur layanan.",
                    "Membagi beban layanan sehingga waktu tunggu masyarakat berkurang.",
                ],
            ),
            level(
                "Memantau, menilai, dan mengantisipasi persoalan pelayanan jangka panjang.",
                [
                    "Menilai dampak layanan terhadap kelompok masyarakat yang berbeda.",
                    "Memperkirakan perubahan kebutuhan dan menyiapkan kapasitas layanan.",
                    "Memperbaiki kebijakan layanan berdasarkan hasil pemantauan.",
                ],
            ),
            level(
                "Memastikan kebijakan menjamin pelayanan yang objektif dan netral.",
                [
                    "Menetapkan kebijakan yang melindungi hak setiap warga atas layanan yang setara.",
                    "Mencegah campur tangan kepentingan golongan dalam pelayanan publik.",
                    "Membangun pengawasan masyarakat atas mutu layanan secara nasional.",
                ],
            ),
        ],
    },
    ReferenceCompetency {
        code: "M.6",
        name: "Pengembangan Diri dan Orang Lain",
        name_en: "Developing self and others",
        family: "MANAJERIAL",
        definition: "Kemampuan meningkatkan pengetahuan dan keterampilan diri serta mendorong orang lain \
                     belajar dan mengembangkan potensinya.",
        levels: [
            level(
                "Mengembangkan kemampuan diri sendiri.",
                [
                    "Mengenali kekurangan diri dan menyusun rencana belajar.",
                    "Mengikuti kegiatan belajar yang sesuai dengan kebutuhan tugas.",
                    "Menerapkan pengetahuan baru dalam pekerjaan sehari-hari.",
                ],
            ),
            level(
                "Meningkatkan kemampuan staf melalui contoh dan penjelasan.",
                [
                    "Memperagakan cara kerja yang benar kepada rekan atau bawahan.",
                    "Memberi petunjuk praktis ketika rekan menghadapi kesulitan.",
                    "Membagikan bahan belajar dan pengalaman kepada rekan kerja.",
                ],
            ),
            level(
                "Memberikan umpan balik dan membimbing anggota tim.",
                [
                    "Menyampaikan umpan balik yang jelas dan membangun secara berkala.",
                    "Menyusun rencana pengembangan bersama setiap anggota tim.",
                    "Memberi tugas yang menantang sebagai sarana belajar anggota.",
                ],
            ),
            level(
                "Menyusun program jangka panjang bagi pembelajaran pegawai.",
                [
                    "Merancang program pengembangan berdasarkan kesenjangan kompetensi unit.",
                    "Menyediakan waktu, anggaran, dan pembimbing untuk pembelajaran.",
                    "Menyiapkan calon pengganti bagi jabatan penting di lingkungan kerjanya.",
                ],
            ),
            level(
                "Menciptakan organisasi yang terus belajar.",
                [
                    "Menetapkan kebijakan yang menjadikan pembelajaran bagian dari kinerja.",
                    "Membangun sistem berbagi pengetahuan di seluruh instansi.",
                    "Mendorong pertukaran pembelajaran dengan lembaga di dalam dan luar negeri.",
                ],
            ),
        ],
    },
    ReferenceCompetency {
        code: "M.7",
        name: "Mengelola Perubahan",
        name_en: "Managing change",
        family: "MANAJERIAL",
        definition: "Kemampuan menyesuaikan diri dengan keadaan baru serta memimpin perubahan agar \
                     membawa hasil yang lebih baik.",
        levels: [
            level(
                "Mengikuti perubahan dengan arahan.",
                [
                    "Menjalankan cara kerja baru sesuai petunjuk yang diberikan.",
                    "Bertanya ketika tujuan perubahan belum dipahami.",
                    "Menerima perubahan tugas dengan sikap terbuka.",
                ],
            ),
            level(
                "Menyesuaikan diri dengan perubahan atas prakarsa sendiri.",
                [
                    "Mempelajari perangkat atau peraturan baru sebelum diminta.",
                    "Mengubah cara kerja sendiri ketika keadaan menuntut.",
                    "Menyampaikan usul penyesuaian yang dapat segera diterapkan.",
                ],
            ),
            level(
                "Membantu orang lain mengikuti perubahan dan mengantisipasi dampaknya.",
                [
                    "Menjelaskan alasan dan manfaat perubahan kepada anggota tim.",
                    "Mendampingi anggota yang mengalami kesulitan menyesuaikan diri.",
                    "Memperkirakan hambatan perubahan dan menyiapkan jalan keluarnya.",
                ],
            ),
            level(
                "Memimpin perubahan di unit kerja.",
                [
                    "Menyusun tahapan perubahan beserta ukuran keberhasilannya.",
                    "Menggalang dukungan pihak yang terdampak oleh perubahan.",
                    "Mengelola penolakan hingga cara kerja baru menjadi kebiasaan.",
                ],
            ),
            level(
                "Menggerakkan para pemangku kepentingan untuk berubah di tingkat instansi atau nasional.",
                [
                    "Menetapkan arah perubahan yang menjawab tantangan jangka panjang.",
                    "Menyatukan pemangku kepentingan dalam agenda perubahan yang luas.",
                    "Melembagakan perubahan melalui kebijakan dan sistem yang bertahan lama.",
                ],
            ),
        ],
    },
    ReferenceCompetency {
        code: "M.8",
        name: "Pengambilan Keputusan",
        name_en: "Decision making",
        family: "MANAJERIAL",
        definition: "Kemampuan membuat keputusan yang tepat waktu dan dapat dipertanggungjawabkan \
                     berdasarkan informasi serta pertimbangan risiko.",
        levels: [
            level(
                "Mengumpulkan informasi untuk bertindak dalam batas wewenangnya.",
                [
                    "Menghimpun data yang diperlukan sebelum bertindak.",
                    "Memutuskan hal rutin sesuai prosedur yang berlaku.",
                    "Meneruskan persoalan di luar wewenangnya kepada atasan.",
                ],
            ),
            level(
                "Menganalisis persoalan secara mendalam.",
                [
                    "Menguraikan persoalan hingga ditemukan akar penyebabnya.",
                    "Memeriksa kebenaran data dari beberapa sumber.",
                    "Mengusulkan pilihan tindakan yang disertai alasan.",
                ],
            ),
            level(
                "Membandingkan pilihan dan menyeimbangkan risikonya.",
                [
                    "Menimbang manfaat, biaya, dan risiko setiap pilihan.",
                    "Mengambil keputusan tepat waktu meskipun informasi belum lengkap.",
                    "Menyiapkan langkah cadangan bagi keputusan yang diambil.",
                ],
            ),
            level(
                "Menyelesaikan persoalan berisiko tinggi dan meredam dampaknya.",
                [
                    "Memutuskan persoalan yang berdampak pada banyak unit kerja.",
                    "Menyusun langkah mitigasi sebelum keputusan dijalankan.",
                    "Mempertanggungjawabkan keputusan yang tidak populer secara terbuka.",
                ],
            ),
            level(
                "Mengambil keputusan strategis jangka panjang yang berdampak nasional.",
                [
                    "Memadukan pertimbangan politik, ekonomi, dan sosial dalam keputusan.",
                    "Menetapkan keputusan yang menjaga kepentingan lintas generasi.",
                    "Menjaga konsistensi pelaksanaan keputusan strategis di seluruh instansi.",
                ],
            ),
        ],
    },
    ReferenceCompetency {
        code: "SK.1",
        name: "Perekat Bangsa",
        name_en: "Bonding the nation",
        family: "SOSIAL_KULTURAL",
        definition: "Kemampuan menghargai keragaman suku, agama, ras, dan golongan serta membangun \
                     hubungan sosial yang memperkuat persatuan.",
        levels: [
            level(
                "Peka terhadap keragaman dan menerimanya.",
                [
                    "Menghormati kebiasaan dan keyakinan orang lain.",
                    "Menghindari ucapan yang merendahkan suatu kelompok.",
                    "Bersedia bekerja dengan siapa pun tanpa membedakan latar belakang.",
                ],
            ),
            level(
                "Menghargai perbedaan secara aktif dan menekankan persatuan.",
                [
                    "Mempelajari budaya masyarakat yang dilayaninya.",
                    "Mengajak rekan mengutamakan kesamaan di atas perbedaan.",
                    "Menengahi kesalahpahaman yang bersumber dari perbedaan latar belakang.",
                ],
            ),
            level(
                "Mempromosikan toleransi dan persatuan.",
                [
                    "Menyusun kegiatan yang mempertemukan kelompok berbeda latar belakang.",
                    "Memastikan keputusan tim tidak merugikan kelompok tertentu.",
                    "Menindak perilaku diskriminatif di lingkungan kerjanya.",
                ],
            ),
            level(
                "Mendayagunakan perbedaan secara konstruktif.",
                [
                    "Menggunakan keragaman pandangan untuk menghasilkan gagasan baru.",
                    "Merancang program yang mempertimbangkan keragaman budaya setempat.",
                    "Meredakan ketegangan sosial melalui dialog antarkelompok.",
                ],
            ),
            level(
                "Mewakili pemerintah dalam membangun ikatan sosial dan psikologis dengan masyarakat.",
                [
                    "Menghadirkan negara secara adil di tengah masyarakat yang beragam.",
                    "Membangun rasa saling percaya antara pemerintah dan berbagai golongan.",
                    "Mengarahkan kebijakan nasional yang memperkuat persatuan bangsa.",
                ],
            ),
        ],
    },
];
