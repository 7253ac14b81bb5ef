# ruff: noqa: E501 (lists are easier to read packed)
"""Invented people, places and texts for the yardstick.

The texts have the shape of those that scanners, technologists and physicians write. They were written for this purpose
alone, without a look at what the cleaner keeps or drops: a word that is missing there must show up here.
"""

FAMILIES = (
    "Abelardson", "Achterberg", "Adeyemi", "Al-Masri", "Ambrosetti", "Andersson", "Banks", "Barnhart", "Beaumont",
    "Bergmann", "Bhattacharya", "Bishop", "Blackwood", "Bouchard", "Brightwell", "Calloway", "Castellanos", "Chandra",
    "Chowdhury", "Cisneros", "Crowe", "D'Angelo", "Dacosta", "Delacroix", "Dimitriou", "Drummond", "Eberhardt",
    "Ekström", "Escobedo", "Fairbanks", "Farrokhzad", "Featherstone", "Ferreira", "Fitzpatrick", "Gallagher",
    "García-Lorca", "Goldfarb", "Greenwood", "Gutiérrez", "Haddad", "Halloran", "Hassan", "Hathaway", "Hernández",
    "Holloway", "Hutchinson", "Ibrahimovic", "Ivanova", "Jankowski", "Jefferson", "Johannsen", "Kaczmarek", "Kaplan",
    "Kowalczyk", "Krishnamurthy", "Kuznetsov", "Lachapelle", "Langford", "Lindgren", "Lombardi", "MacAllister",
    "Maldonado", "Marchetti", "McGillicuddy", "Mbeki", "Mendoza", "Montgomery", "Müller-Lüdenscheidt", "Nakamura",
    "Nguyen", "Nightingale", "Nowak", "O'Donoghue", "Obermeier", "Okafor", "Oyelaran", "Papadopoulos", "Pemberton",
    "Petrossian", "Quesada", "Quintero", "Ramaswamy", "Rasmussen", "Rosenthal", "Rutherford", "Sandoval", "Schröder",
    "Shaughnessy", "Silverstein", "Sokolov", "Stavropoulos", "Sundaram", "Takahashi", "Thibodeaux", "Thorvaldsen",
    "Tremblay", "Underwood", "Vandenberg", "Vasquez", "Villanueva", "Wadsworth", "Weatherby", "Whittaker", "Wojcik",
    "Yamamoto", "Yildirim", "Zakharova", "Zimmermann",
)  # fmt: skip

GIVEN = (
    "Adaeze", "Alejandro", "Anneliese", "Anthony", "Beatrix", "Bernadette", "Cedric", "Charlotte", "Clementine",
    "Cornelius", "Deborah", "Demetrius", "Dorothea", "Eduardo", "Eleanor", "Emmanuel", "Esperanza", "Florian",
    "Francesca", "Frederick", "Genevieve", "Geraldine", "Giovanni", "Gwendolyn", "Henrietta", "Hiroshi", "Imogen",
    "Isabella", "Jacqueline", "Jeremiah", "Josephine", "Katarzyna", "Kimberly", "Konstantin", "Lakshmi", "Leopold",
    "Lorraine", "Magdalena", "Marguerite", "Matthias", "Mohammed", "Nathaniel", "Octavia", "Oluwaseun", "Patricia",
    "Penelope", "Priyanka", "Rebecca", "Reginald", "Rodrigo", "Rosalind", "Samantha", "Sebastian", "Siobhan",
    "Stephanie", "Svetlana", "Theodore", "Valentina", "Veronica", "Wilhelm", "Winifred", "Xiomara", "Yevgeny", "Zachary",
)  # fmt: skip

HOSPITALS = (
    "Riverbend Memorial Hospital", "Saint Brigid Medical Center", "Cedar Hollow Regional", "Lakeshore University Clinic",
    "Mount Ararat Infirmary", "Northfield Veterans Hospital", "Whispering Pines Imaging", "Harborview Oncology Institute",
    "Our Lady of Tralee", "Klinikum Brunnental", "Hospital San Telmo", "Centre Hospitalier de Beauvoir",
    "Stonebridge Diagnostic Partners", "Elmhurst Childrens", "Ospedale Santa Chiara",
)  # fmt: skip

CITIES = (
    ("Millersburg", "OH", "44654"), ("Port Arden", "WA", "98363"), ("Whitcombe", "MA", "02138"),
    ("Laurelton", "PA", "17835"), ("San Clemencio", "CA", "92672"), ("Ashby Falls", "NY", "12983"),
    ("Cordova Springs", "TX", "75023"), ("Brackenridge", "PA", "15014"),
)  # fmt: skip

STREETS = ("Wexley Avenue", "Tamarack Drive", "Old Quarry Road", "Juniper Court", "Bellweather Lane", "Fenwick Street")

STUDY = {
    "CT": (
        "CT CHEST W CONTRAST", "CT CHEST WITHOUT CONTRAST", "CT ABDOMEN AND PELVIS WITH IV CONTRAST", "CT HEAD W/O",
        "CTA CHEST PE PROTOCOL", "CTA HEAD AND NECK", "CT LUMBAR SPINE", "CT SINUS", "CT UROGRAM", "CT COLONOGRAPHY",
        "LOW DOSE LUNG SCREENING", "CT GUIDED BIOPSY LIVER", "CT ANGIO ABDOMEN RUNOFF", "CARDIAC CT CALCIUM SCORE",
        "CT THORAX", "CT CAP", "CT ABD/PEL W&W/O", "CT NECK SOFT TISSUE", "CT TEMPORAL BONES", "CT RIGHT KNEE",
    ),
    "MR": (
        "MRI BRAIN W WO CONTRAST", "MRI LUMBAR SPINE WITHOUT", "MR KNEE LEFT", "MRI SHOULDER RIGHT ARTHROGRAM",
        "MRI PROSTATE MULTIPARAMETRIC", "MRI BREAST BILATERAL", "MRA NECK", "MRCP", "MRI LIVER EOVIST", "MR ENTEROGRAPHY",
        "MRI CERVICAL SPINE", "MRI PITUITARY", "CARDIAC MRI WITH STRESS", "MRI PELVIS RECTAL CANCER STAGING", "FETAL MRI",
        "MRI ORBITS", "MRI IAC", "BRAIN TUMOR FOLLOW UP",
    ),
    "CR": ("CHEST PA AND LATERAL", "XR ANKLE 3 VIEWS", "PORTABLE CHEST", "KUB", "XR HAND LEFT", "RIBS UNILATERAL"),
    "DX": ("CHEST 2 VIEWS", "XR PELVIS AP", "XR KNEE STANDING BILATERAL", "SCOLIOSIS SERIES", "XR HIP RIGHT"),
    "MG": ("MAMMOGRAM SCREENING BILATERAL", "DIAGNOSTIC MAMMOGRAPHY LEFT", "DIGITAL BREAST TOMOSYNTHESIS"),
    "US": ("US ABDOMEN COMPLETE", "US THYROID", "CAROTID DUPLEX", "OB ULTRASOUND SECOND TRIMESTER", "RENAL ULTRASOUND",
           "ECHOCARDIOGRAM TRANSTHORACIC", "US SCROTUM", "VENOUS DOPPLER LOWER EXTREMITY"),
    "NM": ("BONE SCAN WHOLE BODY", "HIDA SCAN", "MYOCARDIAL PERFUSION REST STRESS", "RENAL MAG3", "THYROID UPTAKE I-123"),
    "PT": ("PET CT SKULL BASE TO MID THIGH", "PET/CT FDG WHOLE BODY", "BRAIN PET AMYLOID", "PSMA PET"),
    "XA": ("CORONARY ANGIOGRAM", "CEREBRAL ANGIOGRAPHY", "LEFT HEART CATHETERIZATION", "TACE LIVER"),
    "RF": ("BARIUM SWALLOW", "UPPER GI SERIES", "VOIDING CYSTOURETHROGRAM", "ERCP"),
    "SC": ("SCREEN CAPTURE", "DOSE REPORT", "SECONDARY CAPTURE"),
    "RT": ("PROSTATE IMRT", "HEAD AND NECK VMAT", "BREAST TANGENTS", "SBRT LUNG"),
    "SR": ("CT CHEST", "LESION MEASUREMENTS", "ECHO REPORT"),
}  # fmt: skip

SERIES = {
    "CT": (
        "AXIAL 5MM", "THIN LUNG 1.25", "CORONAL MPR", "SAG BONE", "SCOUT", "ARTERIAL PHASE", "PORTAL VENOUS", "DELAYED",
        "LUNG WINDOW", "Topogram 0.6 T20s", "Thorax 1.0 B70f", "MIP AXIAL 10MM", "SOFT TISSUE", "BONE PLUS", "Recon 2",
        "Abd/Pel 3.0 I30f", "HEAD STD", "NON CONTRAST", "SMART PREP SERIES", "Dose Report", "COR 3X3",
    ),
    "MR": (
        "AX T1 POST", "SAG T2 FSE", "COR STIR", "AX DWI B1000", "ADC", "3 PLANE LOCALIZER", "AX FLAIR",
        "t1_mprage_sag_p2_iso", "ep2d_diff_3scan_trace_p2", "t2_tse_tra_512", "SAG PD FAT SAT", "AX T2* GRE", "SWI",
        "DYNAMIC POST CONTRAST", "MRA TOF 3D", "AX T1 FS POST GAD", "CINE SHORT AXIS", "T2 HASTE", "DTI 32 DIR",
    ),
    "CR": ("PA", "LATERAL", "AP PORTABLE", "OBLIQUE", "AP"),
    "DX": ("PA UPRIGHT", "LATERAL", "AP PELVIS", "FROG LEG", "SUNRISE VIEW"),
    "MG": ("L CC", "R MLO", "L MLO TOMO", "R CC SPOT", "L ML MAG"),
    "US": ("TRANSVERSE", "LONGITUDINAL", "COLOR DOPPLER", "RIGHT LOBE", "APICAL 4 CHAMBER", "GALLBLADDER"),
    "NM": ("ANTERIOR", "POSTERIOR", "WHOLE BODY ANT POST", "STRESS SA", "DYNAMIC FLOW"),
    "PT": ("WB AC", "WB NAC", "CTAC", "PET WB 3D", "BRAIN AC"),
    "XA": ("LAO CRANIAL", "RAO CAUDAL", "LEFT CORONARY", "FEMORAL RUNOFF"),
    "RF": ("SWALLOW LATERAL", "ESOPHAGUS", "SPOT FILM", "FLUORO SAVE"),
    "SC": ("SCREEN SAVE", "PATIENT PROTOCOL", "DOSE SUMMARY"),
    "RT": ("PLAN 1", "BOOST", "INITIAL PLAN"),
    "SR": ("MEASUREMENTS", "REPORT", "KEY IMAGES"),
}  # fmt: skip

PROTOCOL = (
    "5.1 ROUTINE HEAD", "1.3 CHEST ROUTINE", "Thorax Routine (Adult)", "ABDOMEN PELVIS", "HEAD FIRST ROUTINE BRAIN",
    "KNEE ROUTINE", "SPINE LUMBAR", "6.14 ABD PEL WITH CONTRAST", "CHEST PA", "BREAST SCREENING", "NEURO BRAIN TUMOR",
    "LIVER 3 PHASE", "CARDIAC GATED", "PELVIS FEMALE", "PEDIATRIC ABDOMEN", "WHOLE BODY FDG", "CAROTID", "TRAUMA SPINE",
)  # fmt: skip

ALERTS = (
    "LATEX ALLERGY", "CONTRAST REACTION", "PACEMAKER", "DIABETIC ON METFORMIN", "MRSA ISOLATION", "FALL RISK",
    "PREGNANT", "RENAL INSUFFICIENCY", "PENICILLIN ALLERGY", "ASTHMA", "CLAUSTROPHOBIA", "COCHLEAR IMPLANT",
)  # fmt: skip

HISTORY = (
    "history of breast cancer status post lumpectomy", "cough and shortness of breath for three weeks",
    "chest pain, rule out pulmonary embolism", "headache and dizziness", "follow up lung nodule",
    "abdominal pain with nausea and vomiting", "fell from ladder, left hip pain", "renal cell carcinoma on chemotherapy",
    "low back pain radiating to right leg", "elevated PSA", "seizure disorder", "known metastatic melanoma",
    "smoker 40 pack years", "prior appendectomy", "hypertension and atrial fibrillation", "fever of unknown origin",
)  # fmt: skip

DIAGNOSES = ("pneumonia", "lung cancer", "acute appendicitis", "stroke", "fracture of femur", "pancreatitis", "sepsis")

REASONS = (
    "rule out stroke", "evaluate for metastasis", "post operative follow up", "staging", "pain", "trauma",
    "suspected appendicitis", "interval change of nodule", "pre operative planning",
)  # fmt: skip

DERIVATION = (
    "lossy JPEG compression", "maximum intensity projection", "subtraction of mask", "resampled to isotropic voxels",
    "ADC map from diffusion images", "multiplanar reformation", "mean of frames", "edge enhancement filter",
)  # fmt: skip

AGENTS = ("OMNIPAQUE 350", "GADAVIST", "VISIPAQUE 320", "BARIUM SULFATE", "GADOLINIUM", "ISOVUE 300")

COMMENTS = (
    "motion artifact", "patient unable to hold breath", "repeat acquisition", "image quality limited", "good contrast",
    "arms down", "supine position", "left side", "nodule in right upper lobe", "no contrast given",
)  # fmt: skip

FINDINGS = (
    "no acute intracranial hemorrhage", "small left pleural effusion", "normal heart size", "mild degenerative changes",
    "nodule in the right upper lobe measures 8 mm", "no evidence of fracture", "hepatic steatosis",
    "unremarkable gallbladder", "stable appearance compared to prior",
)  # fmt: skip

EPONYMS = (
    "BENNETT FRACTURE", "MORRISON POUCH FLUID", "COLLES FRACTURE", "BAKER CYST", "PAGET DISEASE", "CROHN DISEASE",
    "HODGKIN LYMPHOMA", "BARRETT ESOPHAGUS", "CHIARI MALFORMATION", "GRAVES DISEASE", "PARKINSON DISEASE",
    "WARTHIN TUMOR", "ACHILLES TENDON", "CIRCLE OF WILLIS", "MECKEL DIVERTICULUM",
)  # fmt: skip
"""Names of people that are clinical words. They stay where nobody of the study bears the name."""

OWN_WORDS = ("Hand", "Foot", "Head", "Bone", "Rose", "May", "Young", "Brown", "Long", "Short", "Fields", "Stone")
"""Family names that are also words of the language; a patient or physician may bear them."""

MAKERS = {
    "CT": ("SIEMENS", "SOMATOM Definition AS"),
    "MR": ("GE MEDICAL SYSTEMS", "SIGNA HDxt"),
    "CR": ("FUJIFILM Corporation", "FCR XC-2"),
    "DX": ("Philips Medical Systems", "DigitalDiagnost"),
    "MG": ("HOLOGIC, Inc.", "Selenia Dimensions"),
    "US": ("Philips Medical Systems", "iU22"),
    "NM": ("SIEMENS NM", "ECAM"),
    "PT": ("GE MEDICAL SYSTEMS", "Discovery 690"),
    "XA": ("SIEMENS", "AXIOM-Artis"),
    "RF": ("Philips Medical Systems", "MultiDiagnost"),
    "SC": ("TeraRecon", "Aquarius"),
    "RT": ("Varian Medical Systems", "ARIA RadOnc"),
    "SR": ("SIEMENS", "syngo.via"),
}
