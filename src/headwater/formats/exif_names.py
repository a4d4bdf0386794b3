"""Names of TIFF, Exif, GPS and interoperability tags, as the standards spell them.

Sources: TIFF 6.0 and its supplements, Exif 3.0 (CIPA DC-008), DNG 1.7, GeoTIFF 1.1, IPTC and ICC tag registrations,
Windows Explorer's XP tags.
"""

_TIFF = """
000B ProcessingSoftware|00FE NewSubfileType|00FF SubfileType|0100 ImageWidth|0101 ImageLength|0102 BitsPerSample
0103 Compression|0106 PhotometricInterpretation|0107 Thresholding|0108 CellWidth|0109 CellLength|010A FillOrder
010D DocumentName|010E ImageDescription|010F Make|0110 Model|0111 StripOffsets|0112 Orientation|0115 SamplesPerPixel
0116 RowsPerStrip|0117 StripByteCounts|0118 MinSampleValue|0119 MaxSampleValue|011A XResolution|011B YResolution
011C PlanarConfiguration|011D PageName|011E XPosition|011F YPosition|0120 FreeOffsets|0121 FreeByteCounts
0122 GrayResponseUnit|0123 GrayResponseCurve|0124 T4Options|0125 T6Options|0128 ResolutionUnit|0129 PageNumber
012D TransferFunction|0131 Software|0132 DateTime|013B Artist|013C HostComputer|013D Predictor|013E WhitePoint
013F PrimaryChromaticities|0140 ColorMap|0141 HalftoneHints|0142 TileWidth|0143 TileLength|0144 TileOffsets
0145 TileByteCounts|0146 BadFaxLines|0147 CleanFaxData|0148 ConsecutiveBadFaxLines|014A SubIFDs|014C InkSet
014D InkNames|014E NumberOfInks|0150 DotRange|0151 TargetPrinter|0152 ExtraSamples|0153 SampleFormat
0154 SMinSampleValue|0155 SMaxSampleValue|0156 TransferRange|0157 ClipPath|0158 XClipPathUnits|0159 YClipPathUnits
015A Indexed|015B JPEGTables|015F OPIProxy|0190 GlobalParametersIFD|0191 ProfileType|0192 FaxProfile
0193 CodingMethods|0194 VersionYear|0195 ModeNumber|01B1 Decode|01B2 DefaultImageColor|0200 JPEGProc
0201 JPEGInterchangeFormat|0202 JPEGInterchangeFormatLength|0203 JPEGRestartInterval|0205 JPEGLosslessPredictors
0206 JPEGPointTransforms|0207 JPEGQTables|0208 JPEGDCTables|0209 JPEGACTables|0211 YCbCrCoefficients
0212 YCbCrSubSampling|0213 YCbCrPositioning|0214 ReferenceBlackWhite|022F StripRowCounts|02BC XMLPacket
1000 RelatedImageFileFormat|1001 RelatedImageWidth|1002 RelatedImageLength|4746 Rating|4749 RatingPercent|800D ImageID
80A4 WangAnnotation|828D CFARepeatPatternDim|828E CFAPattern|828F BatteryLevel|8298 Copyright|82A5 MDFileTag
830E ModelPixelScale|83BB IPTC-NAA|8480 IntergraphMatrix|8482 ModelTiepoint|8546 SEMInfo|85D8 ModelTransformation
8649 ImageResources|8769 ExifIFDPointer|8773 InterColorProfile|87AF GeoKeyDirectory|87B0 GeoDoubleParams
87B1 GeoAsciiParams|87BE JBIGOptions|8825 GPSInfoIFDPointer|885C FaxRecvParams|885D FaxSubAddress|885E FaxRecvTime
935C ImageSourceData|9C9B XPTitle|9C9C XPComment|9C9D XPAuthor|9C9E XPKeywords|9C9F XPSubject|A480 GDALMetadata
A481 GDALNoData|C4A5 PrintImageMatching|C612 DNGVersion|C613 DNGBackwardVersion|C614 UniqueCameraModel
C615 LocalizedCameraModel|C616 CFAPlaneColor|C617 CFALayout|C618 LinearizationTable|C619 BlackLevelRepeatDim
C61A BlackLevel|C61B BlackLevelDeltaH|C61C BlackLevelDeltaV|C61D WhiteLevel|C61E DefaultScale|C61F DefaultCropOrigin
C620 DefaultCropSize|C621 ColorMatrix1|C622 ColorMatrix2|C623 CameraCalibration1|C624 CameraCalibration2
C625 ReductionMatrix1|C626 ReductionMatrix2|C627 AnalogBalance|C628 AsShotNeutral|C629 AsShotWhiteXY
C62A BaselineExposure|C62B BaselineNoise|C62C BaselineSharpness|C62D BayerGreenSplit|C62E LinearResponseLimit
C62F CameraSerialNumber|C630 LensInfo|C631 ChromaBlurRadius|C632 AntiAliasStrength|C633 ShadowScale
C634 DNGPrivateData|C635 MakerNoteSafety|C65A CalibrationIlluminant1|C65B CalibrationIlluminant2|C65C BestQualityScale
C65D RawDataUniqueID|C68B OriginalRawFileName|C68C OriginalRawFileData|C68D ActiveArea|C68E MaskedAreas
C68F AsShotICCProfile|C690 AsShotPreProfileMatrix|C691 CurrentICCProfile|C692 CurrentPreProfileMatrix
C6BF ColorimetricReference|C6F3 CameraCalibrationSignature|C6F4 ProfileCalibrationSignature|C6F5 ExtraCameraProfiles
C6F6 AsShotProfileName|C6F7 NoiseReductionApplied|C6F8 ProfileName|C6F9 ProfileHueSatMapDims
C6FA ProfileHueSatMapData1|C6FB ProfileHueSatMapData2|C6FC ProfileToneCurve|C6FD ProfileEmbedPolicy
C6FE ProfileCopyright|C714 ForwardMatrix1|C715 ForwardMatrix2|C716 PreviewApplicationName
C717 PreviewApplicationVersion|C718 PreviewSettingsName|C719 PreviewSettingsDigest|C71A PreviewColorSpace
C71B PreviewDateTime|C71C RawImageDigest|C71D OriginalRawFileDigest|C71E SubTileBlockSize|C71F RowInterleaveFactor
C725 ProfileLookTableDims|C726 ProfileLookTableData|C740 OpcodeList1|C741 OpcodeList2|C74E OpcodeList3
C761 NoiseProfile|C763 TimeCodes|C764 FrameRate|C772 TStop|C789 ReelName|C791 OriginalDefaultFinalSize
C792 OriginalBestQualityFinalSize|C793 OriginalDefaultCropSize|C7A1 CameraLabel|C7A3 ProfileHueSatMapEncoding
C7A4 ProfileLookTableEncoding|C7A5 BaselineExposureOffset|C7A6 DefaultBlackRender|C7A7 NewRawImageDigest
C7A8 RawToPreviewGain|C7B5 DefaultUserCrop|EA1C Padding|EA1D OffsetSchema|FE00 KodakIFDPointer
"""

_EXIF = """
829A ExposureTime|829D FNumber|8822 ExposureProgram|8824 SpectralSensitivity|8827 PhotographicSensitivity|8828 OECF
882A TimeZoneOffset|882B SelfTimerMode|8830 SensitivityType|8831 StandardOutputSensitivity
8832 RecommendedExposureIndex|8833 ISOSpeed|8834 ISOSpeedLatitudeyyy|8835 ISOSpeedLatitudezzz|9000 ExifVersion
9003 DateTimeOriginal|9004 DateTimeDigitized|9010 OffsetTime|9011 OffsetTimeOriginal|9012 OffsetTimeDigitized
9101 ComponentsConfiguration|9102 CompressedBitsPerPixel|9201 ShutterSpeedValue|9202 ApertureValue
9203 BrightnessValue|9204 ExposureBiasValue|9205 MaxApertureValue|9206 SubjectDistance|9207 MeteringMode
9208 LightSource|9209 Flash|920A FocalLength|920B FlashEnergy|9211 ImageNumber|9212 SecurityClassification
9213 ImageHistory|9214 SubjectArea|9216 TIFF/EPStandardID|927C MakerNote|9286 UserComment|9290 SubSecTime
9291 SubSecTimeOriginal|9292 SubSecTimeDigitized|9400 Temperature|9401 Humidity|9402 Pressure|9403 WaterDepth
9404 Acceleration|9405 CameraElevationAngle|A000 FlashpixVersion|A001 ColorSpace|A002 PixelXDimension
A003 PixelYDimension|A004 RelatedSoundFile|A005 InteroperabilityIFDPointer|A20B FlashEnergy
A20C SpatialFrequencyResponse|A20E FocalPlaneXResolution|A20F FocalPlaneYResolution|A210 FocalPlaneResolutionUnit
A214 SubjectLocation|A215 ExposureIndex|A217 SensingMethod|A300 FileSource|A301 SceneType|A302 CFAPattern
A401 CustomRendered|A402 ExposureMode|A403 WhiteBalance|A404 DigitalZoomRatio|A405 FocalLengthIn35mmFilm
A406 SceneCaptureType|A407 GainControl|A408 Contrast|A409 Saturation|A40A Sharpness|A40B DeviceSettingDescription
A40C SubjectDistanceRange|A420 ImageUniqueID|A430 CameraOwnerName|A431 BodySerialNumber|A432 LensSpecification
A433 LensMake|A434 LensModel|A435 LensSerialNumber|A436 ImageTitle|A437 Photographer|A438 ImageEditor
A439 CameraFirmware|A43A RAWDevelopingSoftware|A43B ImageEditingSoftware|A43C MetadataEditingSoftware
A460 CompositeImage|A461 SourceImageNumberOfCompositeImage|A462 SourceExposureTimesOfCompositeImage|A500 Gamma
"""

_GPS = """
0000 GPSVersionID|0001 GPSLatitudeRef|0002 GPSLatitude|0003 GPSLongitudeRef|0004 GPSLongitude|0005 GPSAltitudeRef
0006 GPSAltitude|0007 GPSTimeStamp|0008 GPSSatellites|0009 GPSStatus|000A GPSMeasureMode|000B GPSDOP|000C GPSSpeedRef
000D GPSSpeed|000E GPSTrackRef|000F GPSTrack|0010 GPSImgDirectionRef|0011 GPSImgDirection|0012 GPSMapDatum
0013 GPSDestLatitudeRef|0014 GPSDestLatitude|0015 GPSDestLongitudeRef|0016 GPSDestLongitude|0017 GPSDestBearingRef
0018 GPSDestBearing|0019 GPSDestDistanceRef|001A GPSDestDistance|001B GPSProcessingMethod|001C GPSAreaInformation
001D GPSDateStamp|001E GPSDifferential|001F GPSHPositioningError
"""

_INTEROPERABILITY = """
0001 InteroperabilityIndex|0002 InteroperabilityVersion|1000 RelatedImageFileFormat|1001 RelatedImageWidth
1002 RelatedImageLength
"""


def _table(text: str) -> dict[int, str]:
    rows = (row.split(" ", 1) for row in text.replace("\n", "|").split("|") if row)
    return {int(number, 16): name for number, name in rows}


_PICTURE = _table(_TIFF) | _table(_EXIF)
_OF = {"GPS": _table(_GPS), "InteropIFD": _table(_INTEROPERABILITY)}


def tag_name(ifd: str, tag: int) -> str:
    """Give the standard's name of a tag, or ``0x....`` where none is known here."""
    return _OF.get(ifd, _PICTURE).get(tag) or f"0x{tag:04X}"
