"""The page's colours, type and spacing: an atelier of warm paper, ink and one vermilion.

Light and dark are one design. Every text stands out from its ground by at least 4.5 to 1. The fonts
are the visitor's own, so that no request leaves the server.
"""

from __future__ import annotations

from generative.ui import gr

SANS = ("ui-sans-serif", "system-ui", "-apple-system", "Segoe UI", "Helvetica Neue", "sans-serif")
MONO = ("ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "monospace")

PAPER, SHEET, INK, PENCIL, LINE = "#f6f1e6", "#fdfaf3", "#1f1b16", "#655c50", "#ddd3c0"
VERMILION, VERMILION_DEEP, BLUSH = "#b3341b", "#8f2712", "#f6e2d8"
NIGHT, SHADE, CHALK, SMOKE, SEAM = "#161310", "#201c17", "#efe8da", "#b0a594", "#3d362d"
CORAL, CORAL_BRIGHT, EMBER = "#ff9470", "#ffb196", "#432318"
CLEAR = "transparent"


def theme() -> gr.themes.Base:
    """Return the theme for `launch`; `app.css` has what a theme cannot say."""
    return gr.themes.Base(
        font=SANS,
        font_mono=MONO,
        radius_size=gr.themes.sizes.radius_none,
        spacing_size=gr.themes.sizes.spacing_md,
        text_size=gr.themes.sizes.text_md,
    ).set(
        **_in_both("body_background_fill", PAPER, NIGHT),
        **_in_both("body_text_color", INK, CHALK),
        **_in_both("body_text_color_subdued", PENCIL, SMOKE),
        **_in_both("background_fill_primary", SHEET, SHADE),
        **_in_both("background_fill_secondary", PAPER, NIGHT),
        **_in_both("border_color_primary", LINE, SEAM),
        **_in_both("border_color_accent", VERMILION, CORAL),
        **_in_both("color_accent_soft", BLUSH, EMBER),
        **_in_both("link_text_color", VERMILION, CORAL),
        **_in_both("link_text_color_hover", VERMILION_DEEP, CORAL_BRIGHT),
        **_in_both("link_text_color_active", VERMILION_DEEP, CORAL_BRIGHT),
        **_in_both("link_text_color_visited", VERMILION, CORAL),
        **_in_both("block_background_fill", CLEAR, CLEAR),
        **_in_both("block_border_color", LINE, SEAM),
        **_in_both("block_label_background_fill", SHEET, SHADE),
        **_in_both("block_label_border_color", LINE, SEAM),
        **_in_both("block_label_text_color", PENCIL, SMOKE),
        **_in_both("block_title_text_color", PENCIL, SMOKE),
        **_in_both("block_info_text_color", PENCIL, SMOKE),
        **_in_both("accordion_text_color", INK, CHALK),
        **_in_both("input_background_fill", SHEET, SHADE),
        **_in_both("input_background_fill_focus", SHEET, SHADE),
        **_in_both("input_border_color", LINE, SEAM),
        **_in_both("input_border_color_focus", VERMILION, CORAL),
        **_in_both("input_placeholder_color", PENCIL, SMOKE),
        **_in_both("slider_color", VERMILION, CORAL),
        **_in_both("loader_color", VERMILION, CORAL),
        **_in_both("checkbox_background_color", SHEET, SHADE),
        **_in_both("checkbox_background_color_selected", VERMILION, CORAL),
        **_in_both("checkbox_border_color", PENCIL, SMOKE),
        **_in_both("checkbox_border_color_selected", VERMILION, CORAL),
        **_in_both("checkbox_border_color_focus", VERMILION, CORAL),
        **_in_both("checkbox_label_background_fill", CLEAR, CLEAR),
        **_in_both("checkbox_label_background_fill_hover", BLUSH, EMBER),
        **_in_both("checkbox_label_background_fill_selected", BLUSH, EMBER),
        **_in_both("checkbox_label_border_color", LINE, SEAM),
        **_in_both("checkbox_label_border_color_selected", VERMILION, CORAL),
        **_in_both("checkbox_label_text_color", INK, CHALK),
        **_in_both("checkbox_label_text_color_selected", INK, CHALK),
        **_in_both("button_primary_background_fill", VERMILION, CORAL),
        **_in_both("button_primary_background_fill_hover", VERMILION_DEEP, CORAL_BRIGHT),
        **_in_both("button_primary_border_color", VERMILION, CORAL),
        **_in_both("button_primary_text_color", SHEET, NIGHT),
        **_in_both("button_secondary_background_fill", CLEAR, CLEAR),
        **_in_both("button_secondary_background_fill_hover", BLUSH, EMBER),
        **_in_both("button_secondary_border_color", PENCIL, SMOKE),
        **_in_both("button_secondary_text_color", INK, CHALK),
        color_accent=VERMILION,
        block_border_width="0px",
        block_shadow="none",
        block_label_border_width="0px",
        block_padding="0px",
        block_title_padding="0px",
        block_title_text_weight="500",
        block_label_text_weight="500",
        button_border_width="1px",
        button_large_padding="7px 18px",
        button_large_text_size="15px",
        button_large_text_weight="600",
        button_medium_padding="6px 14px",
        checkbox_label_padding="5px 11px",
        checkbox_label_gap="6px",
        input_shadow="none",
        layout_gap="18px",
        form_gap_width="0px",
        section_header_text_size="15px",
        section_header_text_weight="500",
    )


def _in_both(name: str, light: str, dark: str) -> dict[str, str]:
    """Return a setting of the theme for light and for dark."""
    return {name: light, f"{name}_dark": dark}
