"""What the places of made-up cities are called, by language tag."""

from __future__ import annotations

from collections.abc import Mapping

NAMES: Mapping[str, Mapping[str, str]] = {
    "museum": {
        "en": "Museum",
        "ja": "博物館",
        "th": "พิพิธภัณฑ์",
        "es": "Museo",
        "ar": "المتحف",
        "zh-Hans": "博物馆",
    },
    "landmark": {
        "en": "Landmark",
        "ja": "ランドマーク",
        "th": "แลนด์มาร์ก",
        "es": "Monumento",
        "ar": "معلم المدينة",
        "zh-Hans": "地标",
    },
    "planetarium": {
        "en": "Planetarium",
        "ja": "プラネタリウム",
        "th": "ท้องฟ้าจำลอง",
        "es": "Planetario",
        "ar": "القبة السماوية",
        "zh-Hans": "天文馆",
    },
    "international_town": {
        "en": "International Town",
        "ja": "インターナショナルタウン",
        "th": "ย่านนานาชาติ",
        "es": "Barrio Internacional",
        "ar": "الحي الدولي",
        "zh-Hans": "国际街区",
    },
    "wedding_hall": {
        "en": "Wedding Hall",
        "ja": "結婚式場",
        "th": "เรือนวิวาห์",
        "es": "Salón de Bodas",
        "ar": "قاعة الأفراح",
        "zh-Hans": "婚礼堂",
    },
    "finish": {
        "en": "Finish",
        "ja": "ゴール",
        "th": "เส้นชัย",
        "es": "Meta",
        "ar": "خط النهاية",
        "zh-Hans": "终点",
    },
}
