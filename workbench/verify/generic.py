"""Words that identify nobody, although they may stand in an attribute that identifies.

A patient may be called Hand and a station CT: alone, such words are defined terms, body parts, makers and placeholders of the
standard and of every archive, and searching for them would only raise false alarms. In a longer spelling (`HAND^PETER`) they are
searched all the same.
"""

import re
import unicodedata
from functools import cache

from pydicom.uid import UID_dictionary

_TERMS = """
abdomen abdominal access accession acquisition acute adc address adult aec after alias ambient ambulatory anatomy angio angiography
ankle annotation anode anonymised anonymized anonymous anterior aorta ap arm arms arterial artery attenuation auto average axial axilla
azimuth back background barium basic before bilateral biopsy birth bladder blood body bolus bone both bowel brain breast bronchus
calcaneus calcium cannot carotid case catheter cavity center centre cervical chest child circle clavicle clinic clinical coccyx coil
colon color colour combined comment comments complete contact content continuous contrast control copy corrected coronal coronary
course cranial cranium creator cross curve data date day decubitus default deidentified delay delayed demo density dental department
derived description detector device diagnosis diagnostic diastole diastolic difference diffusion digital dir direct direction display
disc distance doctor dose double dual dual-energy dummy duodenum duration dynamic early echo edge effective elbow electron emission
empty energy enhanced enhancement epi equipment error esophagus exam examination exposure external extremity eye face facet false fast
feet female femoral femur field fifth filter filtered final finding findings fine finger first fixed flair flow fluoro fluoroscopy
focal foot forearm fourth frame frames frontal full functional fused fusion gated general generated gradient gradient-echo gray grey
group hand hands head heart helical hfdl hfdr hfp hfs high hip history home hospital humerus id ident identification identifier image
images imaging index infirmary inferior info information infusion initial injection inpatient inspiration institute institution
intensity internal interval intestine intravenous inverse invert jaw joint kidney kidneys knee label laboratory landscape large larynx
lateral left leg legs length lens limb line linear lip liver loc local localizer location long lossless lossy low lower lumbar lung
lungs lut magnitude male mammo mammography mandible manual map mask maxilla maximum mean measured measurement mediastinum medical
medicine medium medio method middle minimum mip mixed modality mode model modified mono monochrome motion mouth mpr multi multiphase
muscle name nasal native navicular neck negative nerve new newborn no noise nominal none nonstandard normal north nose not nuclear
number object oblique observer obstetric occipital office offset operator optical oral orbit order original other outpatient ovary
overlay pa packed palette pancreas panoramic parallel parameter parenchyma parotid part partial patella patient patients pediatric
pelvis percent perfusion performed person pet phantom pharynx phase philips phone physician plain planar plane plate plus point
portable portal position positive posterior postcontrast postero precontrast prenatal preparation presentation primary procedure
processed processing profile projection prone prostate protocol proton public pulmonary pulse quality quantitative radiation radiograph
radiography radiologie radiology radius range raw reason received reconstruction record rectum reference referred referring reformat
region region-of-interest relative religion remark removed report request requested research residence resolution result results rest
retina retro reverse rib ribs right room rotate rotation routine sacrum saggital sagittal saint salivary sample sampled scan scanned
scanner scapula school scout screen screening second secondary section segment segmented sequence serial series service sex shared
sharp short shoulder shoulders siemens signal single sinus sinuses size skin skull slab slice small smooth soft spectroscopy speed
sphere spin spinal spine spiral spleen splenic standard standing staff start state static station status sternum stomach stop store
stored straight stress structured student study sub subject subtracted subtraction sum superior supine survey suspended swallow system
systole systolic table tarsal technician technologist temporal temporary test text third thoracic thorax three throat thumb thyroid
tibia time tip title toe toes tomography tongue total trachea trans transverse treatment trial tube tumor tumour two type ultrasound
undefined unit university unknown unnamed unspecified unstated unused upper ureter urethra urgent uterus vagina value variable
various vascular vein venous ventral ventricle venus version vertebra vertical view visit volume volumetric ward waveform weight west
whole wide width window wrist xray x-ray yes zero zoom zygoma east south
agfa aloka barco bruker carestream canon cerner elscint emc esaote fonar fuji fujifilm ge gems hitachi hologic imatron intelerad
kodak konica kretz lodox lumedx marconi medison medrad merge mckesson mevis mindray minolta neusoft nobel olympus osirix pacs
picker planmed planmeca pms samsung schick scimage sectra sequoia shimadzu sienet sirona sonosite swissray syngo terarecon toshiba
trex trixell varian vidar visus voluson ziehm zeiss healthcare health systems medizintechnik company corporation corp inc gmbh ltd
radiation oncology cardiology neurology orthopedics emergency intensive care pathology surgery surgical pediatrics gynecology
angiographic bitewing cephalometric cine composite cylinder ellipsoid endoscopic fluence isocenter lateromedial localiser
magnetic maxip minip mosaic multiplanar parametric planning plot projectional reformatted resampled respiratory secondary-capture
stereoscopic thermo topogram unsubtracted vessel volume-rendered whole-body
dr mr mrs ms miss prof phd jr sr md rn rt bsc msc mph
ct cr dx us mg nm pt xa rf sc ot dg es gm io lp mb mo op ot pr px reg rtd rtp seg sm srv tg va vl xc au ecg eps hd ko doc
single-frame multi-frame y n f m o u w
mon tue wed thu fri sat sun monday tuesday wednesday thursday friday saturday sunday
jan feb mar apr may jun jul aug sep oct nov dec january february march april june july august september october november december
and the with without for from per via not out off of one von van der den del des las los
nil null nan n/a na tbd xxx xx dicom wb anon
"""
"""Lower case. Modalities, body parts, positions, defined terms, makers, titles, months, placeholders."""


@cache
def words() -> frozenset[str]:
    """All generic words, folded. Words of the names of SOP classes and transfer syntaxes count as well."""
    names = " ".join(entry[0] for entry in UID_dictionary.values() if entry[1] in ("SOP Class", "Transfer Syntax"))
    return frozenset(fold(word) for word in _TERMS.split()) | frozenset(
        word for word in re.findall(r"[a-z]{4,}", fold(names))
    )


def fold(text: str) -> str:
    """Return the text in lower case without diacritics, compatibility forms resolved."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def is_generic(text: str) -> bool:
    """Tell whether every word of the text is generic, a number of up to three digits, or a single letter."""
    found = re.findall(r"[^\W_]+", fold(text))
    known = words()
    return all(word in known or len(word) == 1 or (word.isdigit() and len(word) <= 3) for word in found)


_DUMMY_DATES = frozenset({"19000101", "00010101", "00000000", "99991231", "11111111"})


def is_dummy_date(digits: str) -> bool:
    """Tell whether eight digits are a placeholder, or no day at all."""
    if digits in _DUMMY_DATES or len(digits) != 8 or not digits.isdigit():
        return True
    year, month, day = int(digits[:4]), int(digits[4:6]), int(digits[6:])
    return not (1850 <= year <= 2200 and 1 <= month <= 12 and 1 <= day <= 31)
